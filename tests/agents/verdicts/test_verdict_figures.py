"""The figures of verdicts on the page and in lines that a model is trained with."""

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from agents.training.labels import read_labels
from agents.verdicts.export import training_lines
from agents.verdicts.metrics import LedgerCollector
from pipeline.verdicts.ledger import Ledger
from schemas.actions import Verdict
from schemas.codec import encode
from schemas.evidence import Reason
from schemas.labels import VerdictLabel
from schemas.vocabulary import AlertKind, ChannelClass, Level, ReasonGroup

LABEL = VerdictLabel(
    alert_id="a1", verdict=Verdict.TRUE, by="duty-1", at=1, kind=AlertKind.LEVEL_RISE, level=Level.EXPLICIT,
    region="440000", occurred_at=0, rules=("level.explicit:投诉",), channel=ChannelClass.VOICE,
    conversation_id="c1", utterance_id="u1", text="我要投诉，今天必须退款",
    reasons=(Reason(l1=ReasonGroup.AFTER_SALES, l2="refund"),),
)  # fmt: skip


def test_the_page_tells_how_often_a_rule_is_right():
    """Four of five, with the interval; what nobody judged has a count of zero and no share."""
    ledger, registry = Ledger(), CollectorRegistry()
    registry.register(LedgerCollector(lambda: ledger))
    for number in range(5):
        verdict = Verdict.FALSE_ALARM if number == 0 else Verdict.TRUE
        ledger.put(replace(LABEL, alert_id=f"a{number}", verdict=verdict))
    value = registry.get_sample_value
    assert value("tocsin_rule_verdicts", {"rule": "level.explicit", "verdict": "true"}) == 4
    assert value("tocsin_rule_precision", {"rule": "level.explicit", "bound": "value"}) == pytest.approx(0.8)
    assert value("tocsin_rule_precision", {"rule": "level.explicit", "bound": "low"}) == pytest.approx(0.376, abs=0.001)
    assert value("tocsin_level_verdicts", {"level": "high_risk", "verdict": "true"}) == 0
    assert value("tocsin_level_precision", {"level": "high_risk", "bound": "value"}) is None


def test_lines_are_what_training_reads(tmp_path):
    """A right alert keeps its level and reasons, a false alarm is none; without one text there is no line."""
    labels = [
        LABEL,
        replace(LABEL, alert_id="a2", conversation_id="c2", verdict=Verdict.FALSE_ALARM),
        replace(LABEL, alert_id="a3", conversation_id="c3", text=""),
        replace(LABEL, alert_id="a4", conversation_id="c4", utterance_id=""),
    ]
    file = tmp_path / "judged.jsonl"
    file.write_bytes(b"\n".join(encode(line) for line in training_lines(labels)))
    right, wrong = read_labels([file], leaves={"refund"})
    assert (right.id, right.level, right.reasons, right.group) == ("c1#u1", Level.EXPLICIT, ("refund",), "c1")
    assert (wrong.level, wrong.reasons, wrong.source) == (Level.NONE, (), "verdicts")

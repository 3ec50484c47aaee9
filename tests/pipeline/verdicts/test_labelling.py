"""Which verdict labels which alert, whichever is read first."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.verdicts.labelling import Labelling
from schemas.actions import ActionKind, ActionSource, Verdict
from schemas.audits import ActionAudit, ActionResult
from schemas.evidence import Evidence
from schemas.incidents import Incident, IncidentState, ReasonCode
from schemas.vocabulary import Level
from tests.support.alerts import alert


def quote(rule, utterance_id="u1"):
    """A rule that saw something."""
    return Evidence(
        rule=rule, version="r1", utterance_id=utterance_id, char_start=0, char_end=2, text_masked="我要投诉，[手机]"
    )


ALERT = replace(alert(1), alert_id="a1", evidence=(quote("level.explicit:投诉"), quote("level.explicit:投诉")))


def verdict(said=Verdict.TRUE, at=1, **changes):
    """Somebody judged an alert."""
    fields = {
        "action_id": f"v{at}", "action": ActionKind.VERDICT, "result": ActionResult.TAKEN, "region": "440000",
        "actor": "duty-1", "source": ActionSource.BOARD, "at": at, "alert_id": "a1", "verdict": said,
    }  # fmt: skip
    return ActionAudit(**fields | changes)


def incident(*members):
    """An incident of these alerts."""
    return Incident(
        incident_id="i1", fingerprint="f", state=IncidentState.OPEN, level=Level.EXPLICIT, title="t", regions=(),
        reasons=(), members=members, count=len(members), opened_at=0, updated_at=0, step=0,
        reason_code=ReasonCode.FIRST,
    )  # fmt: skip


def labelled(*values, with_text=False):
    """The last label, if any, after these records."""
    labelling = Labelling(with_text=with_text)
    found = [label for value in values for label in labelling.take(value)]
    return found[-1] if found else None


def test_a_label_says_what_made_the_alert():
    """Each rule once; the words only where they are wanted."""
    label = labelled(ALERT, verdict(Verdict.FALSE_ALARM, 7))
    assert (label.alert_id, label.verdict, label.by, label.at) == ("a1", Verdict.FALSE_ALARM, "duty-1", 7)
    assert (label.level, label.rules, label.utterance_id) == (Level.EXPLICIT, ("level.explicit:投诉",), "u1")
    assert label.text == ""
    assert labelled(ALERT, verdict(), with_text=True).text == "我要投诉，[手机]"


def test_several_texts_are_no_one_text():
    """What added up over a conversation is no label of any single sentence."""
    two = replace(ALERT, evidence=(quote("weak:失望"), quote("weak:催", "u2")))
    label = labelled(two, verdict(), with_text=True)
    assert (label.utterance_id, label.text, label.rules) == ("", "", ("weak:失望", "weak:催"))


@pytest.mark.parametrize(
    ("records", "is_labelled"),
    [
        pytest.param([incident("a1"), verdict(alert_id="", incident_id="i1")], True, id="an incident of one alert"),
        pytest.param([incident("a1", "a2"), verdict(alert_id="", incident_id="i1")], False, id="of two"),
        pytest.param([verdict(alert_id="a2")], False, id="another alert"),
        pytest.param([verdict(result=ActionResult.NOT_ALLOWED)], False, id="by somebody who may not"),
        pytest.param([verdict(result=ActionResult.REPEATED)], False, id="by a link that was used"),
        pytest.param([verdict(action=ActionKind.COMMENT)], False, id="a comment"),
    ],
)
def test_what_makes_a_label(records, is_labelled):
    """In whatever order the three topics are read."""
    for order in itertools.permutations([ALERT, *records]):
        assert (labelled(*order) is not None) is is_labelled


def test_a_drill_makes_no_label():
    """Whatever is said about it."""
    assert labelled(replace(ALERT, test="d1"), verdict()) is None


@settings(deadline=None)
@given(st.permutations([ALERT, verdict(Verdict.TRUE, 1), verdict(Verdict.FALSE_ALARM, 2), verdict(Verdict.HANDLED, 3)]))
def test_the_newest_verdict_stands(order):
    """Whichever is read first."""
    assert labelled(*order).verdict is Verdict.HANDLED


def test_memory_is_bounded():
    """The oldest alerts are forgotten; those that are known can be judged."""
    labelling = Labelling(with_text=False, remembered_max=3)
    for number in range(10):
        assert list(labelling.take(replace(ALERT, alert_id=f"a{number}"))) == []
    assert list(labelling.take(verdict(alert_id="a6"))) == []
    assert len(list(labelling.take(verdict(alert_id="a7")))) == 1

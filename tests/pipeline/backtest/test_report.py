"""Two ledgers side by side: what came, what went, on which day and where, and how right each was."""

import pytest

from pipeline.backtest.ledger import Ledger
from pipeline.backtest.report import report
from schemas.evidence import Evidence
from schemas.vocabulary import AlertKind, Level
from tests.support.alerts import DAY, HOUR_START_MS, MINUTE, alert


def ledger(*alerts, since=0, until=30 * DAY):
    """A month, unless said otherwise."""
    found = Ledger(since_ms=HOUR_START_MS + since, until_ms=HOUR_START_MS + until)
    for each in alerts:
        found.take(each)
    return found


def rise(number, at_ms=0, *, level=Level.EXPLICIT, **changes):
    """A conversation rises."""
    evidence = Evidence(
        rule=f"level.{level}:x", version="v", utterance_id="u", char_start=0, char_end=2,
        text_masked="退钱，电话13800138000",
    )  # fmt: skip
    fields = {
        "conversation_id": f"c{number}",
        "level": level,
        "alert_id": f"a{number}-{level}",
        "evidence": (evidence,),
    }
    return alert(number, at_ms, **fields | changes)


def compared(before, after, **truth):
    """The report of two ledgers."""
    return report(before, after, versions=("old", "new"), truth=truth, least=Level.EXPLICIT)


def test_what_came_and_what_went():
    """One conversation is told of by both, one only before, one only after; a graver level is one more alert."""
    found = compared(
        ledger(rise(1), rise(2)), ledger(rise(1), rise(3), rise(1, MINUTE, level=Level.HIGH_RISK, lead_ms=MINUTE))
    )
    assert [(each.conversation_id, each.level) for each in found.added] == [
        ("c1", Level.HIGH_RISK),
        ("c3", Level.EXPLICIT),
    ]
    assert [each.conversation_id for each in found.removed] == ["c2"]
    assert found.removed[0].text == "退钱，电话[手机]"
    assert found.after.levels == {Level.EXPLICIT: 2, Level.HIGH_RISK: 1}


def test_days_are_those_of_china():
    """12:00 in China and thirteen hours later are two days; a region is a row of its own."""
    found = compared(ledger(rise(1)), ledger(rise(1), rise(2, 13 * 60 * MINUTE), rise(3, region="110000")))
    rows = [(row.day, row.region, row.before, row.after, row.added, row.removed) for row in found.days]
    assert rows == [
        ("2025-11-21", "110000", 0, 1, 1, 0),
        ("2025-11-21", "440000", 1, 1, 0, 0),
        ("2025-11-22", "440000", 0, 1, 1, 0),
    ]


@pytest.mark.parametrize(
    "passed_over",
    [
        pytest.param(rise(1, -1), id="before the first moment"),
        pytest.param(rise(1, 30 * DAY), id="at the end"),
        pytest.param(rise(1, test="drill"), id="a drill"),
        pytest.param(rise(1, kind=AlertKind.SURGE), id="no conversation"),
        pytest.param(rise(1, previous_level=Level.EXPLICIT), id="no rise"),
    ],
)
def test_what_is_no_rise_of_this_time_is_passed_over(passed_over):
    """Only rises of conversations within the span count."""
    assert ledger(passed_over).told == {}


def test_a_conversation_that_rises_again_counts_once():
    """Its first alert stands."""
    assert [each.at_ms for each in ledger(rise(1), rise(1, MINUTE, alert_id="b")).told.values()] == [HOUR_START_MS]


def test_how_right_each_was():
    """Of four known conversations two are complaints; what nobody labelled is not judged; potential is no complaint."""
    before = ledger(rise(1), rise(3), rise(9))
    after = ledger(rise(1), rise(2), rise(4, level=Level.POTENTIAL))
    found = compared(before, after, c1=True, c2=True, c3=False, c4=False)
    quality = found.before.quality
    assert (quality.told, quality.right, quality.complaints) == (2, 1, 2)
    assert (quality.precision, quality.recall) == (0.5, 0.5)
    assert (found.after.quality.precision, found.after.quality.recall) == (1.0, 1.0)


def test_a_share_of_nothing_is_absent():
    """Nothing told, nothing known."""
    assert compared(ledger(), ledger()).before.quality is None
    quality = compared(ledger(), ledger(), c1=False).before.quality
    assert (quality.precision, quality.recall) == (None, None)


def test_lead_time():
    """Of high-risk conversations: how many were warned ahead, the median and the tenth percentile of the time."""
    rises = [rise(n, level=Level.HIGH_RISK, lead_ms=n * MINUTE) for n in range(11)]
    lead = compared(ledger(), ledger(*rises)).after.lead
    assert (lead.high_risk, lead.warned_ahead, lead.median_ms, lead.p10_ms) == (11, 10, 5 * MINUTE, MINUTE)
    assert compared(ledger(), ledger(rises[0])).after.lead.median_ms is None


def test_rules_are_counted_where_they_decided():
    """What changed most stands first; a rule that speaks on both sides and changes nothing stands last."""
    found = compared(
        ledger(rise(1), rise(2, level=Level.POTENTIAL)),
        ledger(rise(1), rise(3, level=Level.HIGH_RISK), rise(4, level=Level.HIGH_RISK)),
    )
    assert [(row.rule, row.before, row.after, row.added, row.removed) for row in found.rules] == [
        ("level.high_risk:x", 0, 2, 2, 0),
        ("level.potential:x", 1, 0, 0, 1),
        ("level.explicit:x", 1, 1, 0, 0),
    ]

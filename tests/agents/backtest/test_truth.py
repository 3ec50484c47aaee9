"""What people's verdicts prove of conversations: as much as they said, and of the level that they judged."""

import pytest

from agents.backtest.truth import judged
from pipeline.backtest.ledger import Ledger
from pipeline.backtest.report import report
from pipeline.verdicts.labelling import Labelling
from schemas.actions import ActionKind, ActionSource, Verdict
from schemas.audits import ActionAudit, ActionResult
from schemas.vocabulary import AlertKind, Level
from tests.support.alerts import DAY, HOUR_START_MS, alert
from tests.support.incidents import high, run

POTENTIAL, EXPLICIT, HIGH = Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK
RIGHT, HANDLED, WRONG = Verdict.TRUE, Verdict.HANDLED, Verdict.FALSE_ALARM


def rise(number, level, **changes):
    """A conversation came to a level."""
    return alert(number, conversation_id=f"c{number}", level=level, alert_id=f"a{number}-{level}", **changes)


def said(alert_id, verdict, at=1, **about):
    """Somebody judged, and the incidents stage took it."""
    fields = {"source": ActionSource.BOARD, "alert_id": alert_id, "verdict": verdict, "at": at}
    return ActionAudit(
        action_id=f"v{alert_id}{at}", action=ActionKind.VERDICT, result=ActionResult.TAKEN, region="440000",
        actor="duty-1", **fields | about,
    )  # fmt: skip


def labels(*read):
    """What `tocsin verdicts` makes of alerts, incidents and verdicts."""
    labelling = Labelling(with_text=False)
    newest = {label.alert_id: label for value in read for label in labelling.take(value)}
    return list(newest.values())


def known(*verdicts, told=(POTENTIAL, EXPLICIT, HIGH), least=EXPLICIT, **changes):
    """What is known of c1, which rose to some levels, after these verdicts on each of them."""
    read = [rise(1, level, **changes) for level in told]
    read += [said(f"a1-{level}", verdict, at) for at, (level, verdict) in enumerate(verdicts)]
    return judged(labels(*read), {("c1", level) for level in told}, least=least).get("c1")


@pytest.mark.parametrize(
    ("verdicts", "told", "expected"),
    [
        pytest.param([(EXPLICIT, RIGHT)], (EXPLICIT,), True, id="right"),
        pytest.param([(EXPLICIT, HANDLED)], (EXPLICIT,), True, id="handled: there was something"),
        pytest.param([(HIGH, RIGHT)], (HIGH,), True, id="a graver one was right"),
        pytest.param([(POTENTIAL, RIGHT)], (POTENTIAL,), None, id="a potential complaint is no explicit one"),
        pytest.param([(POTENTIAL, RIGHT)], (POTENTIAL, EXPLICIT), None, id="nor does it prove the explicit one"),
        pytest.param([(POTENTIAL, WRONG)], (POTENTIAL, EXPLICIT), None, id="nor against it"),
        pytest.param([(EXPLICIT, WRONG)], (POTENTIAL, EXPLICIT), False, id="wrong"),
        pytest.param([(HIGH, WRONG)], (HIGH,), False, id="high risk at once, and wrong"),
        pytest.param([(HIGH, WRONG)], (EXPLICIT, HIGH), None, id="no high risk; nobody judged the complaint"),
        pytest.param([(EXPLICIT, RIGHT), (HIGH, WRONG)], (EXPLICIT, HIGH), True, id="a complaint, but no high risk"),
        pytest.param([(HIGH, WRONG), (EXPLICIT, RIGHT)], (EXPLICIT, HIGH), True, id="whichever is said first"),
        pytest.param([(EXPLICIT, WRONG), (HIGH, WRONG)], (EXPLICIT, HIGH), False, id="neither"),
        pytest.param([(EXPLICIT, WRONG), (EXPLICIT, RIGHT)], (EXPLICIT,), True, id="somebody thought again"),
        pytest.param([(EXPLICIT, RIGHT), (EXPLICIT, WRONG)], (EXPLICIT,), False, id="the other way round"),
    ],
)
def test_a_verdict_proves_what_was_judged(verdicts, told, expected):
    """From the level on that counts as a complaint."""
    assert known(*verdicts, told=told) is expected


def test_from_which_level_a_complaint_counts():
    """The same verdict on a potential alert, at two levels that are asked for."""
    assert known((POTENTIAL, RIGHT), told=(POTENTIAL,), least=POTENTIAL) is True
    assert known((POTENTIAL, RIGHT), told=(POTENTIAL,), least=HIGH) is None


def test_of_two_alerts_at_one_level_the_newest_verdict_counts():
    """A conversation that rose again."""
    first, second = (rise(1, EXPLICIT), alert(1, conversation_id="c1", level=EXPLICIT, alert_id="b"))
    found = labels(first, second, said("b", WRONG, at=9), said(first.alert_id, RIGHT, at=3))
    assert judged(found, {("c1", EXPLICIT)}, least=EXPLICIT) == {"c1": False}


@pytest.mark.parametrize("changes", [{"test": "drill"}, {"kind": AlertKind.HOUSE_RULE}])
def test_what_is_no_rise_of_a_conversation_proves_nothing(changes):
    """Drills, and alerts about something else than what a customer said."""
    assert known((EXPLICIT, RIGHT), told=(EXPLICIT,), **changes) is None


@pytest.mark.parametrize("source", [ActionSource.CARD, ActionSource.LINK, ActionSource.CLI])
def test_a_verdict_on_an_incident_counts_for_its_only_alert(source):
    """Cards, links and the command line name the incident."""
    one = high(1, alert_id="a1")
    (incident,) = run([one]).incidents.values()
    verdict = said("", WRONG, source=source, incident_id=incident.incident_id)
    assert judged(labels(one, incident, verdict), {("c1", HIGH)}, least=EXPLICIT) == {"c1": False}


def test_ten_potential_complaints_and_an_explicit_one_that_are_right():
    """Of explicit complaints there is one, and it was found."""
    rises = [*(rise(number, POTENTIAL) for number in range(10)), rise(20, EXPLICIT)]
    sides = [Ledger(since_ms=0, until_ms=HOUR_START_MS + DAY) for _ in range(2)]
    for side in sides:
        for each in rises:
            side.take(each)
    verdicts = labels(*rises, *(said(each.alert_id, RIGHT) for each in rises))
    truth = judged(verdicts, sides[0].told.keys(), least=EXPLICIT)
    quality = report(*sides, versions=("a", "b"), truth=truth, least=EXPLICIT).after.quality
    assert (quality.complaints, quality.recall, quality.precision) == (1, 1.0, 1.0)

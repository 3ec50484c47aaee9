"""Silences longer than a day: a second person has to agree."""

from dataclasses import replace

import pytest

from schemas.actions import Action, ActionKind
from schemas.audits import ActionAudit, ActionResult
from schemas.deliveries import Receipt
from schemas.ticks import Tick
from tests.support.alerts import DAY, HOUR, HOUR_START_MS
from tests.support.incidents import FIRST, MANAGER, PEOPLE, PLAN, act, high, run, silence

OTHER = "manager-2"
PAIR = replace(PLAN, people={**PEOPLE, OTHER: PEOPLE[MANAGER]})
LONG = silence(0, 40 * DAY, level="high_risk")


def agreed(actor: str, at_ms: int = HOUR) -> Action:
    """Somebody agrees to the long silence."""
    return act(ActionKind.CONSENT, "", at_ms, actor, silence_id=LONG.action_id)


@pytest.mark.parametrize(
    ("consents", "results", "silent_days"),
    [
        pytest.param([], [], 1, id="nobody agrees: a day"),
        pytest.param([agreed(MANAGER)], [ActionResult.SECOND_PERSON], 1, id="who began it cannot"),
        pytest.param([agreed(FIRST)], [ActionResult.NOT_ALLOWED], 1, id="whose role may not silence cannot"),
        pytest.param([agreed(OTHER)], [ActionResult.TAKEN], 30, id="another does: a month at most"),
        pytest.param(
            [agreed(OTHER), agreed(OTHER, 2 * HOUR)],
            [ActionResult.TAKEN, ActionResult.UNCHANGED],
            30,
            id="once is enough",
        ),
    ],
)
def test_beyond_a_day_a_second_person_agrees(consents, results, silent_days):
    """Quiet up to the last moment, told at the next; what became of each action is in the audit."""
    events = [LONG, *consents]
    quiet = run([*events, high(1, silent_days * DAY - 1)], plan=PAIR)
    assert quiet.notices == []
    assert [each.result for each in quiet.of(ActionAudit)] == [ActionResult.AWAITS_CONSENT, *results]
    assert len(run([*events, high(1, silent_days * DAY)], plan=PAIR).notices) == 1


def test_after_the_day_it_is_too_late_to_agree():
    """The silence is over; a new one can be made."""
    told = run([LONG, agreed(OTHER, DAY), high(1, DAY)], plan=PAIR)
    assert [each.result for each in told.of(ActionAudit)] == [ActionResult.AWAITS_CONSENT, ActionResult.UNCHANGED]
    assert len(told.notices) == 1


def test_a_day_needs_nobody_else():
    """It is taken as it is, and there is nothing to agree to."""
    day = silence(0, DAY, level="high_risk")
    consent = act(ActionKind.CONSENT, "", HOUR, OTHER, silence_id=day.action_id)
    results = [each.result for each in run([day, consent], plan=PAIR).of(ActionAudit)]
    assert results == [ActionResult.TAKEN, ActionResult.UNCHANGED]


def test_what_is_silenced_stays_so_when_somebody_agrees():
    """The incident that was frozen by the first day stays frozen by the others, and is accounted for once."""
    told = run([LONG, high(1, HOUR), agreed(OTHER, 2 * HOUR), *ticks(3)], plan=PAIR)
    assert told.notices == []
    assert len(told.of(Receipt)) == 1


def ticks(days: int) -> list[Tick]:
    """A tick an hour."""
    return [Tick(now_ms=HOUR_START_MS + number * HOUR) for number in range(days * 24)]

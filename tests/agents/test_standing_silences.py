"""Which silences stand, read off the audit."""

import pytest

from agents.actions import standing_silences
from pipeline.incidents.rulings import audited
from schemas.actions import ActionKind, Matcher, Silence
from schemas.audits import ActionResult
from tests.support.alerts import DAY, HOUR, HOUR_START_MS, MINUTE
from tests.support.incidents import MANAGER, act

NOW_MS = HOUR_START_MS + 10 * MINUTE


def begun(at_ms: int, lasts_ms: int, result: ActionResult = ActionResult.TAKEN):
    """The audit of a silence."""
    starts_at = HOUR_START_MS + at_ms
    matchers = (Matcher(name="reason", value="after_sales"),)
    silence = Silence(matchers=matchers, starts_at=starts_at, ends_at=starts_at + lasts_ms)
    return audited(act(ActionKind.SILENCE, "", at_ms, MANAGER, silence=silence), result, at_ms=starts_at)


def test_what_stands_is_what_began_and_has_not_ended():
    """Neither by its time, nor because somebody ended it, nor because it was never taken."""
    over, long, short, removed, refused = (
        begun(0, 5 * MINUTE),
        begun(1, 2 * HOUR),
        begun(2, HOUR),
        begun(3, HOUR),
        begun(4, HOUR, ActionResult.NOT_ALLOWED),
    )
    end = act(ActionKind.UNSILENCE, "", 5, MANAGER, silence_id=removed.action_id)
    not_ended = act(ActionKind.UNSILENCE, "", 6, MANAGER, silence_id=long.action_id)
    audits = [
        over, long, short, removed, refused,
        audited(end, ActionResult.TAKEN, at_ms=HOUR_START_MS + 5),
        audited(not_ended, ActionResult.NOT_ALLOWED, at_ms=HOUR_START_MS + 6),
    ]  # fmt: skip
    assert [each.begun for each in standing_silences(audits, now_ms=NOW_MS)] == [short, long]


@pytest.mark.parametrize(
    ("result", "stands"),
    [
        pytest.param(None, False, id="nobody agreed"),
        pytest.param(ActionResult.SECOND_PERSON, False, id="only who began it"),
        pytest.param(ActionResult.TAKEN, True, id="another did"),
    ],
)
def test_beyond_a_day_a_silence_stands_by_consent(result, stands):
    """The day is over, what was asked for is not."""
    long = begun(0, 3 * DAY, ActionResult.AWAITS_CONSENT)
    consent = act(ActionKind.CONSENT, "", HOUR, "other", silence_id=long.action_id)
    audits = [long, *([audited(consent, result, at_ms=HOUR_START_MS + HOUR)] if result else [])]
    assert [each.begun for each in standing_silences(audits, now_ms=HOUR_START_MS + 23 * HOUR)] == [long]
    later = standing_silences(audits, now_ms=HOUR_START_MS + 25 * HOUR)
    assert [each.standing.consented_by for each in later] == ["other"] * stands

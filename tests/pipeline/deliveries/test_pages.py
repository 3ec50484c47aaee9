"""How often one person is told: ten times an hour, the gravest always, the rest together or another way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.deliveries.choose import Choice, Do, choose
from pipeline.deliveries.pace import Pace
from pipeline.deliveries.pages import Pages
from pipeline.times import HOUR_MS, MINUTE_MS
from schemas.cards import Card
from schemas.deliveries import BudgetClass, Notification, Receiver

NOW = 1_767_225_600_000
AWAY = (Receiver(channel="ops", to="group"),)


def notice(number, budget_class=BudgetClass.NORMAL, **changes):
    """A notification to a person that is news for two hours."""
    fields = {
        "notification_id": f"n{number}", "channel": "robot", "to": "duty-1", "incident_id": f"i{number}", "step": 0,
        "budget_class": budget_class, "dedup_key": f"i{number}", "card": Card(title=f"card {number}"),
        "not_after": NOW + 2 * HOUR_MS, "emitted_at": NOW,
    }  # fmt: skip
    return Notification(**fields | changes)


def paged(count, ago_ms=MINUTE_MS):
    """So many pages of one person some time ago."""
    return Pages({"duty-1": [NOW - ago_ms] * count})


@pytest.mark.parametrize(
    ("waiting", "pages", "choice"),
    [
        pytest.param([notice(1)], paged(9), Choice(Do.SEND, (notice(1),)), id="the tenth goes"),
        pytest.param([notice(1)], paged(10), Choice(Do.WAIT, until_ms=NOW + 59 * MINUTE_MS), id="the eleventh waits"),
        pytest.param([notice(1)], paged(10, HOUR_MS), Choice(Do.SEND, (notice(1),)), id="an hour later"),
        pytest.param(
            [notice(1, BudgetClass.RESERVED)], paged(10), Choice(Do.SEND, (notice(1, BudgetClass.RESERVED),)),
            id="high risk is never held back",
        ),
        pytest.param([notice(1, to="group")], paged(10), Choice(Do.SEND, (notice(1, to="group"),)), id="a group"),
        pytest.param(
            [notice(1), notice(2, to="duty-2")], paged(10), Choice(Do.SEND, (notice(2, to="duty-2"),)), id="others go"
        ),
        pytest.param(
            [notice(1), notice(2)], paged(9), Choice(Do.SEND, (notice(1), notice(2))), id="the last one holds them all"
        ),
        pytest.param(
            [notice(1, not_after=NOW + HOUR_MS // 2, alternatives=AWAY)], paged(10),
            Choice(Do.DIVERT, (notice(1, not_after=NOW + HOUR_MS // 2, alternatives=AWAY),)),
            id="no news any more by then: another way",
        ),
    ],
)  # fmt: skip
def test_choices(waiting, pages, choice):
    """What goes now."""
    assert choose(waiting, [], Pace(), now_ms=NOW, pages=pages) == choice


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["duty-1", "duty-2", "group"]), st.integers(0, 20 * MINUTE_MS)), max_size=60),
    st.integers(1, 6),
)
def test_nobody_is_paged_more_often_than_allowed(arrivals, per_hour):
    """Over a day of arrivals: every notification is told, and no person more than so often in any hour."""
    at_ms, waiting, told, pages = NOW, [], [], {}
    due = NOW
    arriving = []
    for number, (to, pause_ms) in enumerate(arrivals):
        due += pause_ms
        arriving.append((due, notice(number, to=to, emitted_at=due, not_after=due + 48 * HOUR_MS)))
    while arriving or waiting:
        while arriving and arriving[0][0] <= at_ms:
            waiting.append(arriving.pop(0)[1])
        choice = choose(waiting, [], Pace(), now_ms=at_ms, pages=Pages(pages, per_hour))
        if choice.do is Do.SEND:
            told += choice.notifications
            waiting = [each for each in waiting if each not in choice.notifications]
            pages.setdefault(choice.notifications[0].to, []).append(at_ms)
            continue
        assert choice.do is Do.WAIT
        at_ms = min([moment for moment in (choice.until_ms, arriving[0][0] if arriving else 0) if moment > at_ms])
    assert len(told) == len(arrivals)
    for person in set(pages) - {"group"}:
        for start in pages[person]:
            assert sum(start <= each < start + HOUR_MS for each in pages[person]) <= per_hour

"""Choosing: of all that waits for one channel, what goes now. Reserved goes first and alone; the rest is told together.

Nothing is dropped: what has no room waits, is told in a bundle, or goes another way when it cannot wait.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from pipeline.deliveries.bundle import goes_alone
from pipeline.deliveries.pace import Pace
from pipeline.deliveries.pages import Pages
from schemas.deliveries import BudgetClass, Notification

DIGEST_AFTER_MS = 5 * 60 * 1000
RESERVED_WAITS_MS = 10_000  # longer than this it goes another way
BUNDLE_MAX = 200
_NO_PAGES = Pages()


class Do(StrEnum):
    """What is to be done."""

    SEND = "send"
    DIVERT = "divert"  # another way: this channel has no room in time
    EXPIRE = "expire"
    WAIT = "wait"


class Choice(NamedTuple):
    """What to do, with which notifications; a wait has a moment, 0 waits for something new."""

    do: Do
    notifications: tuple[Notification, ...] = ()
    until_ms: int = 0


def choose(
    waiting: Sequence[Notification],
    sent_at_ms: Sequence[int],
    pace: Pace,
    *,
    now_ms: int,
    shut_until_ms: int = 0,
    pages: Pages = _NO_PAGES,
    kind: str = "",
) -> Choice:
    """What of `waiting`, in order of arrival, goes now. Until `shut_until_ms` the channel takes nothing at all."""
    late = tuple(each for each in waiting if each.not_after <= now_ms)
    if late:
        return Choice(Do.EXPIRE, late)
    news = [each for each in waiting if not each.redraws]
    choice = _of_news(news, sent_at_ms, pace, now_ms=now_ms, shut_until_ms=shut_until_ms, pages=pages, kind=kind)
    redraw = next((each for each in waiting if each.redraws), None)
    is_urgent = choice.do is not Do.WAIT and choice.notifications[0].budget_class is BudgetClass.RESERVED
    if redraw is None or is_urgent:
        return choice
    free_ms = max(pace.free_at_ms(sent_at_ms, BudgetClass.NORMAL, now_ms=now_ms), shut_until_ms)
    if free_ms <= now_ms:  # it pages nobody, and is told with nothing else
        return Choice(Do.SEND, (redraw,))
    if choice.do is not Do.WAIT:
        return choice
    return Choice(Do.WAIT, until_ms=min(at_ms for at_ms in (choice.until_ms, free_ms, redraw.not_after) if at_ms))


def _of_news(
    waiting: Sequence[Notification],
    sent_at_ms: Sequence[int],
    pace: Pace,
    *,
    now_ms: int,
    shut_until_ms: int,
    pages: Pages,
    kind: str,
) -> Choice:
    """What goes of that which somebody has not seen yet."""
    held = {each.notification_id: pages.free_at_ms(each, now_ms=now_ms) for each in waiting}
    away = next((each for each in waiting if each.alternatives and held[each.notification_id] >= each.not_after), None)
    if away is not None:
        return Choice(Do.DIVERT, (away,))
    moments = [at_ms for at_ms in held.values() if at_ms > now_ms]
    for budget_class in (BudgetClass.RESERVED, BudgetClass.NORMAL, BudgetClass.DIGEST):
        mine = [each for each in waiting if each.budget_class is budget_class]
        ours = [each for each in mine if held[each.notification_id] <= now_ms]
        if not ours:
            continue
        free_ms = max(pace.free_at_ms(sent_at_ms, budget_class, now_ms=now_ms), shut_until_ms)
        if budget_class is BudgetClass.RESERVED:
            if free_ms <= now_ms:
                return Choice(Do.SEND, (ours[0],))
            away = next((each for each in ours if each.alternatives and free_ms > now_ms + RESERVED_WAITS_MS), None)
            if away is not None:
                return Choice(Do.DIVERT, (away,))
        elif budget_class is BudgetClass.DIGEST:
            free_ms = max(free_ms, ours[0].emitted_at + DIGEST_AFTER_MS)
        if free_ms <= now_ms:
            if goes_alone(ours[0], kind=kind):
                return Choice(Do.SEND, (ours[0],))
            room = pace.room(sent_at_ms, budget_class, now_ms=now_ms)
            return Choice(Do.SEND, _together(ours, room, pages.room(ours[0].to, now_ms=now_ms)))
        moments.append(free_ms)
    moments += [each.not_after for each in waiting]
    return Choice(Do.WAIT, until_ms=min(moments, default=0))


def _together(ours: Sequence[Notification], room: int, pages_room: int) -> tuple[Notification, ...]:
    """One by one while there is room for all; else everything for the first one's receiver in one message."""
    first = ours[0]
    to_same = sum(each.to == first.to for each in ours)
    if len(ours) <= room and to_same <= pages_room and first.budget_class is BudgetClass.NORMAL:
        return (first,)
    same = [each for each in ours if each.to == first.to and bool(each.test) is bool(first.test)]
    return tuple(same[:BUNDLE_MAX])

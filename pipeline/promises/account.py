"""The whole account of one promise, reckoned from what was said and done as if a tick had come at every instant."""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.promises.ledger import Entered, enter_deed, enter_made, pass_time, promise_id_of
from pipeline.promises.state import Book
from pipeline.sla.policy import PromisePolicy
from schemas.promises import Promise, PromiseDeed, PromisesMade

PromiseEvent = PromisesMade | PromiseDeed


class Step(NamedTuple):
    """One change of a promise."""

    at_ms: int  # when it was heard of; of what time alone brings, the instant
    promise: Promise  # as it was from then on
    told: str  # of a warning the share, of a break `broken`; else nothing
    event_id: str  # what brought it; nothing where that was time


def homes_of(events: Iterable[PromiseEvent], promise_id: str) -> set[str]:
    """In which books a promise may stand: its customer may have become known between two versions of a text."""
    return {
        event.home
        for event in events
        if isinstance(event, PromisesMade) and promise_id in {promise_id_of(event, made) for made in event.made}
    }


def account(
    events: Iterable[PromiseEvent], promise_id: str, policy: PromisePolicy, *, until_ms: int
) -> tuple[Step, ...]:
    """Every change of a promise up to a moment; `events` are those of one home, in the order of their topic."""
    book: Book | None = None
    steps: list[Step] = []

    def enter(entered: Entered | None, at_ms: int, event_id: str) -> None:
        nonlocal book
        if entered is not None:
            book = entered.book
            steps.extend(
                Step(at_ms, change.promise, change.key, event_id)
                for change in entered.changes
                if change.promise.promise_id == promise_id
            )

    def wait(until_ms: int) -> None:
        while book is not None and 0 < book.wake_at_ms <= until_ms:
            enter(pass_time(book, policy, now_ms=book.wake_at_ms), book.wake_at_ms, "")

    for event in events:
        if event.emitted_at > until_ms:
            break
        wait(event.emitted_at)
        if isinstance(event, PromisesMade):
            enter(enter_made(book, event, policy), event.emitted_at, event.record_id())
        else:
            enter(enter_deed(book, event, policy), event.emitted_at, event.record_id())
    wait(until_ms)
    return tuple(steps)

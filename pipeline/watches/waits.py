"""Waits: something has to be said within a time after something else, and nobody has said it yet.

Plain values for the row of a conversation: whoever needs "said within n seconds of X" or "not said within n seconds of
X" keeps a tuple of waits and moves it with these functions. Absence is judged when event time has passed the end of the
wait, or when the conversation has ended; never by the clock of a machine, so a replay judges the same.

    waits = wait_for(waits, Wait(what="apology", cause=utterance_id, from_ms=at_ms, until_ms=at_ms + 60_000))
    waits, answered = answer(waits, "apology", at_ms=at_ms)      # it was said
    waits, missed = expire(waits, now_ms=row.last_at_ms)         # at every later event
    waits, missed = expire(waits, now_ms=row.last_at_ms, has_ended=True)
"""

from collections.abc import Iterable

import msgspec

SLACK_MS = 1_000  # recognisers do not agree to the millisecond on where words end and silence begins
MAX_WAITS = 16  # of one conversation; who has so many open questions is past one more

Waits = tuple["Wait", ...]


class Wait(msgspec.Struct, frozen=True, gc=False):
    """Something that is to be said: what, because of which utterance, and the time in which it counts."""

    what: str
    cause: str  # the utterance that began the wait; one waits for one thing once; "" is the beginning
    from_ms: int
    until_ms: int  # said at this very millisecond is still in time


def wait_for(waits: Waits, wait: Wait) -> Waits:
    """One more wait, in place of the one that an older revision of its cause began; the oldest goes when too many."""
    others = tuple(each for each in waits if (each.what, each.cause) != (wait.what, wait.cause))
    return (*others, wait)[-MAX_WAITS:]


def answer(waits: Waits, what: str, *, at_ms: int) -> tuple[Waits, Waits]:
    """It was said: the waits that stay, and those that it answers. What came before a wait began answers nothing.

    A wait without a cause began with the conversation: nothing was said before it, only heard of later.
    """
    answered = tuple(
        wait
        for wait in waits
        if wait.what == what and at_ms <= wait.until_ms and (wait.from_ms <= at_ms or not wait.cause)
    )
    return (tuple(wait for wait in waits if wait not in answered), answered) if answered else (waits, ())


def expire(waits: Waits, *, now_ms: int, has_ended: bool = False) -> tuple[Waits, Waits]:
    """The waits that go on, and those in vain: their time has passed, or nothing more can be said."""
    missed = tuple(wait for wait in waits if has_ended or now_ms > wait.until_ms)
    return (tuple(wait for wait in waits if wait not in missed), missed) if missed else (waits, ())


def forget(waits: Waits, cause: str) -> Waits:
    """Without the waits of an utterance: its text was corrected and no longer asks for anything."""
    return tuple(wait for wait in waits if wait.cause != cause)


def was_said(said_at_ms: Iterable[int], *, from_ms: int, until_ms: int) -> bool:
    """Whether one of the times lies in the stretch; for a cause that arrives after its answer, and for "before X"."""
    return any(from_ms <= at_ms <= until_ms for at_ms in said_at_ms)

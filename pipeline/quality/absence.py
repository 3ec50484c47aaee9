"""What an agent has left out, as far as event time can tell. A pure question to the row: nothing is noted here.

The end of a conversation is no miss of an answer whose time was not over: customers have the last word, and hang up.
"""

from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from pipeline.conversation.state import Conversation
from pipeline.quality.checks import APOLOGY, NEVER_MS, Program
from pipeline.rules.service import Anchor, ServiceCheck
from pipeline.watches.waits import was_said


class Miss(NamedTuple):
    """Something that was not done in time."""

    check: ServiceCheck
    since_ms: int  # when its time began
    until_ms: int  # when its time was over
    utterance_id: str = ""  # what called for it
    is_answered: bool = False  # known to have been done, whether or not the time of it is still remembered


class Moment(NamedTuple):
    """Up to when event time is known to have passed, and whether anything more can be said."""

    now_ms: int
    has_ended: bool = False


class Assessment(NamedTuple):
    """What is missing by now, and when to ask again."""

    misses: tuple[Miss, ...]
    called_for: frozenset[str]  # checks that something called for: missed or kept
    next_ms: int  # the next moment at which something may turn out to be missing


def assess(row: Conversation, program: Program, moment: Moment) -> Assessment:
    """All that is missing, each check once: its first miss."""
    misses: list[Miss] = []
    called_for: set[str] = set()
    next_ms = NEVER_MS
    for check in program.checks:
        for stretch in _stretches(row, check, moment):
            called_for.add(check.id)
            times_ms = row.apologies_at_ms if check.id == APOLOGY else row.service.said_at_ms.get(check.id, ())
            if stretch.is_answered or was_said(times_ms, from_ms=stretch.since_ms, until_ms=stretch.until_ms):
                continue
            if moment.now_ms > stretch.until_ms or (moment.has_ended and check.after not in QUESTIONS):
                misses.append(stretch._replace(until_ms=min(stretch.until_ms, moment.now_ms)))
                break
            next_ms = min(next_ms, stretch.until_ms)
    return Assessment(tuple(misses), frozenset(called_for), next_ms)


def _stretches(row: Conversation, check: ServiceCheck, moment: Moment) -> Iterator[Miss]:
    """The times in which a check wants something done, in order: would-be misses."""
    started_ms, within_ms = row.agent_since_ms, check.within_ms
    match check.after:
        case Anchor.FIRST_QUESTION if row.waiting_since_ms and not started_ms:
            yield _stretch(check, row.waiting_since_ms)
        case Anchor.QUESTION if row.waiting_since_ms and started_ms:
            yield _stretch(check, row.waiting_since_ms)
        case Anchor.START if started_ms:
            yield _stretch(check, started_ms)
        case Anchor.END if started_ms and moment.has_ended:
            yield Miss(check, max(moment.now_ms - (within_ms or 0), started_ms), moment.now_ms)
        case Anchor.COMPLAINT if started_ms:
            signs = sorted((trace for trace in row.traces if trace.is_complaint and trace.is_final), key=_at_ms)
            for trace in signs if within_ms is not None else signs[:1]:
                since_ms = max(trace.at_ms, started_ms)  # what was said to a bot begins with the agent
                yield _stretch(check, since_ms)._replace(
                    utterance_id=trace.utterance_id, is_answered=check.id == APOLOGY and trace.is_answered
                )


def _stretch(check: ServiceCheck, since_ms: int) -> Miss:
    return Miss(check, since_ms, NEVER_MS if check.within_ms is None else since_ms + check.within_ms)


QUESTIONS = frozenset({Anchor.FIRST_QUESTION, Anchor.QUESTION})  # whatever an agent says answers them
_at_ms = attrgetter("at_ms")

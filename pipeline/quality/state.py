"""What service quality remembers of the running episode of a conversation, besides a few plain numbers in its row."""

import msgspec

MAX_SAID = 6  # times kept for one thing that an agent says: the first and the newest
MAX_NOTED = 32  # findings of one episode


class Noted(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A finding that was made in this episode."""

    check: str
    finding_id: str
    since_ms: int  # when its time began
    at_ms: int  # when its time was over
    utterance_id: str = ""
    is_withdrawn: bool = False
    is_minor: bool = False


class Service(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How the agent's side went so far. Replaced as a whole: rows are copied, what they hold is shared."""

    said_at_ms: dict[str, tuple[int, ...]] = {}  # by check: when an agent said it, in order
    noted: tuple[Noted, ...] = ()
    first_response_ms: int = -1
    longest_wait_ms: int = 0
    interruption_count: int = 0
    tells_overlap: bool = False  # the source sends overlaps, so that their absence means something


NOTHING_YET = Service()


def with_time(times_ms: tuple[int, ...], at_ms: int) -> tuple[int, ...]:
    """One more time in order; of too many the first and the newest stay, which is what windows ask for."""
    is_late = times_ms and at_ms < times_ms[-1]
    times_ms = tuple(sorted((*times_ms, at_ms))) if is_late else (*times_ms, at_ms)
    return times_ms if len(times_ms) <= MAX_SAID else (times_ms[0], *times_ms[-MAX_SAID + 1 :])

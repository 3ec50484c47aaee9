"""What service quality remembers of the running episode of a conversation, besides a few plain numbers in its row."""

import msgspec

MAX_SAID = 24  # times kept for one thing that an agent says: no fewer than signs of complaint that may ask for it
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
    is_each_time: bool = False  # shown by the words of this one utterance; gone where they turn out to be others
    agent_id: str = ""  # whose it is; "" in rows of old, for who has the conversation


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
    """One more time in order. Of too many the first and the newest stay, and the one goes that others stand next to."""
    if at_ms in times_ms:
        return times_ms
    is_late = times_ms and at_ms < times_ms[-1]
    times_ms = tuple(sorted((*times_ms, at_ms))) if is_late else (*times_ms, at_ms)
    if len(times_ms) <= MAX_SAID:
        return times_ms
    closest = min(range(1, MAX_SAID), key=lambda place: times_ms[place + 1] - times_ms[place - 1])
    return (*times_ms[:closest], *times_ms[closest + 1 :])

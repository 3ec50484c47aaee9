"""The rows of the desks stage: a desk, its topics, and how many tickets of each topic there were."""

import msgspec

from pipeline.times import HOUR_MS, MINUTE_MS

SLOT_MS = 10 * MINUTE_MS
SLOTS_KEPT = 24  # four hours: a window is an hour, and late events still find theirs
HOURS_KEPT = 8 * 24  # seven days, and the one that grows
MAX_TOPICS = 1_000  # of a desk; the one that was seen longest ago goes
MAX_CUSTOMERS = 64  # of a topic within reach of a window; more than enough to know that there are several
_BETWEEN = b"\xff"  # no text in UTF-8 has such a byte: no tenant's name is another one's row
MAX_WAITING = 200  # tickets of a desk; whoever waits longest is meant


class Counts(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Tickets by slot of ten minutes and by hour, each numbered from the epoch."""

    slots: dict[int, int] = {}
    hours: dict[int, int] = {}

    def with_one(self, at_ms: int) -> "Counts":
        """One ticket more."""
        return Counts(
            slots=_counted(self.slots, at_ms // SLOT_MS, SLOTS_KEPT),
            hours=_counted(self.hours, at_ms // HOUR_MS, HOURS_KEPT),
        )

    def in_slots(self, first: int, end: int) -> int:
        """Tickets from one slot on and before another."""
        return sum(count for slot, count in self.slots.items() if first <= slot < end)


def _counted(counts: dict[int, int], number: int, kept: int) -> dict[int, int]:
    counted = {**counts, number: counts.get(number, 0) + 1}
    oldest = max(counted) - kept
    return {each: count for each, count in counted.items() if each > oldest}


class DeskRow(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Of a desk: who waits and what was told. Of a topic, or of all tickets of a desk: the counts."""

    wake_at_ms: int = 0
    counts: Counts | None = None
    customers: dict[str, int] = {}  # of a topic: the slot in which each was seen last
    topics: dict[str, int] = {}  # of the index of topics: the slot in which each was seen last
    hot: tuple[str, ...] = ()  # topics in the window that was published last
    window_at_ms: int = 0  # when the next window is looked at; 0 for never
    waiting: dict[str, int] = {}  # tickets whose customer waits, and since when
    seen_at_ms: int = 0  # when somebody at the desk was seen last
    told_since_ms: int = 0  # the beginning of the absence that was told


def desk_key(desk: str) -> bytes:
    """The row of a desk."""
    return desk.encode()


def index_key(desk: str) -> bytes:
    """The row with a desk's topics."""
    return desk.encode() + _BETWEEN + b"index"


def counts_key(desk: str, topic: str = "") -> bytes:
    """The row with the counts of a topic; without one, of all tickets that were opened."""
    return desk.encode() + _BETWEEN + b"topic:" + topic.encode()

"""The last minutes of hints, for desktops that come back: bounded by age and by number, exact about what is missing."""

from collections import deque
from typing import NamedTuple

KEPT_MS = 15 * 60 * 1000
KEPT_MAX = 50_000  # of all agents together, some 100 MB
AGENTS_MAX = 50_000  # of whom it is known up to where their hints were forgotten


class Place(NamedTuple):
    """Where a hint stands in the log; on the wire `partition.offset`. All hints of an agent are in one partition."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}.{self.offset}"


class Kept(NamedTuple):
    """One hint as it is sent, and where it stands."""

    place: Place
    agent_id: str
    body: bytes  # JSON
    is_drill: bool
    emitted_at_ms: int


class Missed(NamedTuple):
    """What came after a place: the hints, and whether some before them are no longer known."""

    hints: list[Kept]
    has_gap: bool


class Memory:
    """What desktops can still ask for."""

    def __init__(self, *, kept_max: int = KEPT_MAX, agents_max: int = AGENTS_MAX) -> None:
        self._kept_max = kept_max
        self._agents_max = agents_max
        self._order: deque[Kept] = deque()
        self._by_agent: dict[str, deque[Kept]] = {}
        self._first: dict[int, int] = {}  # by partition: of nobody anything from here on is missing unsaid
        self._forgotten: dict[str, Place] = {}  # by agent: the newest hint that was forgotten

    def __len__(self) -> int:
        return len(self._order)

    def begin(self, partition: int, offset: int) -> None:
        """Everything of a partition from this offset on will be kept."""
        self._first[partition] = offset

    def keep(self, hint: Kept, *, now_ms: int) -> None:
        """Keep one hint, and forget what is too old or too much."""
        self._order.append(hint)
        self._by_agent.setdefault(hint.agent_id, deque()).append(hint)
        while self._order and (len(self._order) > self._kept_max or self._order[0].emitted_at_ms < now_ms - KEPT_MS):
            self._forget_first()

    def all_of(self, agent_id: str) -> list[Kept]:
        """Every hint of an agent that is still known, the oldest first."""
        return list(self._by_agent.get(agent_id, ()))

    def since(self, agent_id: str, last: Place) -> Missed:
        """What an agent was sent after `last`, which the desktop saw. That others' hints are forgotten is no gap."""
        first, forgotten = self._first.get(last.partition), self._forgotten.get(agent_id)
        hints = [each for each in self.all_of(agent_id) if each.place.partition != last.partition or each.place > last]
        is_own_gone = forgotten is not None and (forgotten.partition != last.partition or forgotten > last)
        return Missed(hints, has_gap=first is None or last.offset + 1 < first or is_own_gone)

    def _forget_first(self) -> None:
        gone = self._order.popleft()
        own = self._by_agent[gone.agent_id]
        own.popleft()
        if not own:
            del self._by_agent[gone.agent_id]
        self._forgotten.pop(gone.agent_id, None)
        self._forgotten[gone.agent_id] = gone.place
        if len(self._forgotten) > self._agents_max:  # who had none for longest: from here on for everybody
            partition, offset = self._forgotten.pop(next(iter(self._forgotten)))
            self._first[partition] = max(self._first.get(partition, 0), offset + 1)


def place_of(text: str) -> Place | None:
    """The place that a desktop sends back; None where it is none of ours."""
    partition, _, offset = text.partition(".")
    is_ours = all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (partition, offset))
    return Place(int(partition), int(offset)) if is_ours else None

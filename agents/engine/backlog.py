"""What waits for one stage between two of its turns: a patient one lets its records wait for company."""

import math
from collections.abc import Mapping, Sequence

from schemas.codec import Raw


class Backlog:
    """Records by topic, in offset order, and when they will have waited long enough."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._records: dict[str, Sequence[Raw]] = {}
        self.due_at = math.inf  # on the clock of `add`; infinite while nothing waits

    def add(self, topic: str, records: Sequence[Raw], *, now: float) -> None:
        """Let records wait, at least one; `now` in seconds of any clock."""
        waiting = self._records.get(topic)
        self._records[topic] = records if waiting is None else [*waiting, *records]
        self.due_at = min(self.due_at, now + self._patience_seconds)

    def is_due(self, *, now: float, most: int) -> bool:
        """Whether it is time for a turn, or so many records of one topic wait."""
        return now >= self.due_at or any(len(records) >= most for records in self._records.values())

    def take(self) -> Mapping[str, Sequence[Raw]]:
        """All that waits, by topic; nothing does afterwards."""
        taken, self._records, self.due_at = self._records, {}, math.inf
        return taken

    def count(self, topic: str) -> int:
        """How many records of a topic wait."""
        return len(self._records.get(topic, ()))

"""Too many dead letters hold the worker: a bad deployment upstream must not be drained into `deadletters`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import structlog

from schemas.codec import Refusal

log = structlog.get_logger("tocsin.engine")


class Excess(NamedTuple):
    """A topic of which a stage refused too much, and an example."""

    topic: str
    refused: int
    seen: int
    first: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.refused} of {self.seen} records refused, such as {self.first}"


class DeadLetterLimit:
    """The largest share of a topic that may be refused, judged over windows of at least `window_records` records.

    Each stage is judged by itself: what one fails on, others read without a word, and would hide half of it or more.
    A few bad records among few are no sign of anything, hence the minimum; a window that was judged starts anew. Past
    the limit the worker holds: it takes no turn any more, in none of its partitions, until it is started again. Ending
    would not help: whoever starts it again would have it end again, and each start lets a window's records through.
    """

    def __init__(self, share: float, *, window_records: int) -> None:
        self._share = share
        self._window_records = window_records
        self._seen: Counter[tuple[str, str]] = Counter()  # by stage and topic
        self._refused: Counter[tuple[str, str]] = Counter()
        self.excess: Excess | None = None  # why the worker holds

    @property
    def is_passed(self) -> bool:
        """Whether the worker holds."""
        return self.excess is not None

    def allows(self, counts: Mapping[str, int], refusals: Sequence[Refusal], *, stage: str) -> bool:
        """Count a stage's turn before it is committed, by source topic; whether it may be."""
        if self.excess is None:
            self.excess = self._judged(counts, refusals, stage)
            if self.excess is not None:
                _tell(self.excess)
        return self.excess is None

    def _judged(self, counts: Mapping[str, int], refusals: Sequence[Refusal], stage: str) -> Excess | None:
        self._seen.update({(stage, topic): count for topic, count in counts.items()})
        self._refused.update((stage, refusal.topic) for refusal in refusals)
        for topic in counts:
            window = (stage, topic)
            seen, refused = self._seen[window], self._refused[window]
            if seen < self._window_records:
                continue
            if refused > self._share * seen:
                first = next((str(each) for each in refusals if each.topic == topic), "")
                return Excess(topic, refused, seen, first)
            self._seen[window] = self._refused[window] = 0
        return None


def _tell(excess: Excess) -> None:
    meanwhile = "nothing of this turn was committed, and nothing more is read until this worker is started again"
    log.critical(
        "worker_held",
        topic=excess.topic,
        refused=excess.refused,
        seen=excess.seen,
        first=excess.first,
        meanwhile=meanwhile,
        runbook="docs/runbooks/TocsinWorkerHeld.md",
    )

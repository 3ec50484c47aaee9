"""Too many dead letters stop the worker: a bad deployment upstream must not be drained into `deadletters`."""

from collections import Counter
from collections.abc import Mapping, Sequence

from agents.engine.crash import ExitCode, end_process
from schemas.codec import Refusal


class DeadLetterLimit:
    """The largest share of a topic that may be refused, judged over windows of at least `window_records` records.

    A few bad records among few are no sign of anything, hence the minimum; a window that was judged starts anew.
    """

    def __init__(self, share: float, *, window_records: int) -> None:
        self._share = share
        self._window_records = window_records
        self._seen: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    def exceeded(self, counts: Mapping[str, int], refusals: Sequence[Refusal]) -> str | None:
        """Count a turn; the name of the topic whose share is too large, if there is one."""
        self._seen.update(counts)
        self._refused.update(refusal.topic for refusal in refusals)
        for topic, seen in self._seen.items():
            if seen < self._window_records:
                continue
            if self._refused[topic] > self._share * seen:
                return topic
            self._seen[topic] = self._refused[topic] = 0
        return None

    def count(self, counts: Mapping[str, int], refusals: Sequence[Refusal]) -> None:
        """Count a turn before it is committed, and end the process where the limit is passed."""
        topic = self.exceeded(counts, refusals)
        if topic is not None:
            end_process(
                "too large a share of a topic is refused; nothing of the last turn was committed",
                ExitCode.POISONED,
                topic=topic,
                refused=self._refused[topic],
                seen=self._seen[topic],
                first=str(refusals[0]) if refusals else "",
            )

"""Answers and reviews for tests, and the stages that read them, in memory."""

from collections.abc import Iterable, Sequence
from typing import Any

from agents.product import build_product
from agents.settings import Settings
from pipeline.runner import Incoming, Runner
from schemas import codec
from schemas.codec import Record
from schemas.feedback import FeedbackKind, FeedbackResponse, Touchpoint
from schemas.kpis import KpiHour
from schemas.ticks import Tick
from schemas.topics import FEEDBACK, TICKS

NOON_MS = 1_767_240_000_000  # a full hour
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
_PRODUCT = {stage.name: stage for stage in build_product(Settings()).stages}
FEEDBACK_STAGE, KPIS_STAGE = _PRODUCT["feedback"], _PRODUCT["kpis"]


def answer(number: int, kind: str = "nps", score: float | None = None, at_ms: int = 0, **changes: Any) -> Any:
    """An answer to a questionnaire from Guangdong; nps is on 0 to 10, everything else on 1 to 5."""
    low, high = (0, 10) if kind == "nps" else (1, 5)
    fields: dict[str, Any] = {
        "event_id": f"f{number}",
        "source": "survey",
        "occurred_at": NOON_MS + at_ms,
        "survey_id": "after-call",
        "response_id": f"r{number}",
        "kind": FeedbackKind(kind),
        "touchpoint": Touchpoint.SMS,
        "region": "440000",
    }
    if score is not None:
        fields |= {"score": score, "scale_min": low, "scale_max": high}
    return FeedbackResponse(**fields | changes)


def review(number: int, stars: float, at_ms: int = 0, **changes: Any) -> Any:
    """A public review."""
    return answer(number, "review", None, at_ms, stars=stars, platform="shop", touchpoint=Touchpoint.WEB, **changes)


class Voice:
    """Feedback, figures and whatever other stages a test wants, on one partition."""

    def __init__(self, *others: str) -> None:
        self._runner = Runner(
            [FEEDBACK_STAGE, KPIS_STAGE, *map(_PRODUCT.__getitem__, others)], partition_of=lambda key: 0
        )
        self.outputs: list[Any] = []
        self._now_ms = -6 * MINUTE
        self._tick(self._now_ms)  # nobody is woken in the first minutes
        self.tick(-MINUTE)

    def take(self, *events: Any, most: int = 1_000) -> list[Any]:
        """Answers, logged a moment after they were given; what was published because of them."""
        records = [
            Incoming(FEEDBACK, 0, Record(0, event.occurred_at + 40, b"", codec.encode(event))) for event in events
        ]
        return self._feed(records, most)

    def tick(self, *at_ms: int) -> list[Any]:
        """The log's clock goes on to each of these moments, without a gap that would look like an outage."""
        found = []
        for each in at_ms:
            while self._now_ms < each:
                self._now_ms = min(each, self._now_ms + 4 * MINUTE)
                found += self._tick(self._now_ms)
        return found

    def _tick(self, at_ms: int) -> list[Any]:
        now_ms = NOON_MS + at_ms
        return self._feed([Incoming(TICKS, 0, Record(0, now_ms, b"0", codec.encode(Tick(now_ms=now_ms))))], 1)

    def _feed(self, records: Iterable[Incoming], most: int) -> list[Any]:
        values = [output.value for output in self._runner.feed(records, most=most)]
        self.outputs += values
        return values

    def of(self, kind: type[Any]) -> list[Any]:
        """Everything of one type that was published so far."""
        return [each for each in self.outputs if isinstance(each, kind)]

    def hour(self, subject: str, at_ms: int = 0) -> KpiHour:
        """The newest snapshot of an hour."""
        start_ms = (NOON_MS + at_ms) // HOUR * HOUR
        found = [each for each in self.of(KpiHour) if (each.subject, each.hour_start) == (subject, start_ms)]
        return max(found, key=lambda each: each.version)

    def rows(self) -> dict[str, Sequence[Any]]:
        """All rows of the two stages."""
        return {stage.name: sorted(self._runner.rows(stage).items()) for stage in (FEEDBACK_STAGE, KPIS_STAGE)}

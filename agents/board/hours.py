"""Hours of figures as they stand: of each subject and hour the newest version, for a day."""

from collections.abc import Iterator, Mapping, Sequence

from pipeline.kpis.measure import sum_of
from pipeline.times import HOUR_MS
from schemas.kpis import KpiHour, Measure

HOURS = 24
PRODUCTS_MAX = 200  # whose hours are kept; a shop has more of them than anybody looks at


class Hours:
    """What was published of each subject: a region, a touchpoint, a product."""

    def __init__(self) -> None:
        self._found: dict[str, dict[int, KpiHour]] = {}

    def take(self, hour: KpiHour) -> bool:
        """Note an hour; whether it was news."""
        if self._is_one_too_many(hour.subject):
            return False
        hours = self._found.setdefault(hour.subject, {})
        known = hours.get(hour.hour_start)
        if known is not None and hour.version <= known.version:
            return False
        hours[hour.hour_start] = hour
        return True

    def _is_one_too_many(self, subject: str) -> bool:
        is_new_product = subject.startswith("product:") and subject not in self._found
        return is_new_product and sum(1 for _ in self.subjects("product")) >= PRODUCTS_MAX

    def forget(self, *, now_ms: int) -> None:
        """Let go what is older than a day."""
        for subject, hours in list(self._found.items()):
            for start_ms in [each for each in hours if each < now_ms - (HOURS + 1) * HOUR_MS]:
                del hours[start_ms]
            if not hours:
                del self._found[subject]

    def subjects(self, kind: str) -> Iterator[str]:
        """Those of a kind, as `product:p-1`."""
        return (subject for subject in self._found if subject.startswith(f"{kind}:"))

    def measures(self, subjects: Sequence[str], starts: Sequence[int]) -> list[Mapping[str, Measure]]:
        """What some subjects come to together, hour by hour; an hour of which nothing is known is empty."""
        return [
            summed([known.measures for subject in subjects if (known := self._found.get(subject, {}).get(at))])
            for at in starts
        ]


def starts_of_day(now_ms: int) -> range:
    """The hours of the last day, the running one at the end."""
    end_ms = now_ms // HOUR_MS * HOUR_MS + HOUR_MS
    return range(end_ms - HOURS * HOUR_MS, end_ms, HOUR_MS)


def summed(measures: Sequence[Mapping[str, Measure]]) -> dict[str, Measure]:
    """Measures add up by their names."""
    names = dict.fromkeys(name for each in measures for name in each)
    return {name: sum_of(each[name] for each in measures if name in each) for name in names}

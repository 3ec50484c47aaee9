"""Weeks of complaints made up: seasons of day and week, a stated rate, surges put in; the same again by a seed."""

import math
import random
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from pipeline.regions.fold import fold
from pipeline.regions.state import RegionRow
from pipeline.rows import Store
from pipeline.stage import Batch
from pipeline.surge.seasons import DayClass, hour_of
from pipeline.times import CHINA, DAY_MS, MINUTE_MS
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.evidence import Reason
from schemas.ticks import Tick
from schemas.topics import ALERTS, TICKS
from schemas.vocabulary import AlertKind, ChannelClass, Level, ReasonGroup

SHARES = {
    ReasonGroup.SERVICE: 0.3,
    ReasonGroup.AFTER_SALES: 0.25,
    ReasonGroup.LOGISTICS: 0.2,
    ReasonGroup.PRODUCT: 0.15,
    ReasonGroup.BILLING_CONTRACT: 0.07,
    ReasonGroup.OTHER: 0.03,
}
_NIGHT = 0.1  # of the peak, at four in the morning
_WEEKEND = 0.6


class Storm(NamedTuple):
    """A surge that is put in: `times` the usual of one reason, or of all."""

    start_ms: int
    minutes: int
    times: float
    reason: ReasonGroup | None = None

    def factor(self, at_ms: int, reason: ReasonGroup) -> float:
        """What it makes of one reason at one moment."""
        is_on = self.start_ms <= at_ms < self.start_ms + self.minutes * MINUTE_MS
        return self.times if is_on and self.reason in {None, reason} else 1.0


def shape_of(at_ms: int) -> float:
    """The season of a moment: the mean over a workday is about one."""
    hour = hour_of(at_ms)
    daily = _NIGHT + (1 - _NIGHT) * (1 - math.cos((hour.hour - 4) / 24 * 2 * math.pi)) / 2
    return daily * 1.8 * hour.factor * (1.0 if hour.day is DayClass.WORKDAY else _WEEKEND)


def complaints(
    start_ms: int,
    end_ms: int,
    *,
    an_hour: float,
    seed: int | str,
    storms: Iterable[Storm] = (),
    region: str = "440000",
    restless: float = 0.0,
) -> Iterator[Alert]:
    """Complaints of one region, minute by minute, as chance has it.

    `restless` is the spread of a factor that each day has of its own, which no calendar knows.
    """
    dice, number = random.Random(seed), 0
    storms, day_factor = tuple(storms), 1.0
    for minute_ms in range(start_ms, end_ms, MINUTE_MS):
        if restless and (minute_ms - start_ms) % DAY_MS == 0:
            day_factor = dice.lognormvariate(-restless * restless / 2, restless)
        rate = an_hour / 60 * shape_of(minute_ms) * day_factor
        for reason, share in SHARES.items():
            times = math.prod(storm.factor(minute_ms, reason) for storm in storms)
            for _ in range(_poisson(dice, rate * share * times)):
                number += 1
                at_ms = minute_ms + dice.randrange(MINUTE_MS)
                yield Alert(
                    alert_id=f"level_rise:{region}-{seed}-{number}:explicit:e",
                    kind=AlertKind.LEVEL_RISE,
                    region=region,
                    fingerprint=f"level_rise:{number}",
                    occurred_at=at_ms,
                    emitted_at=at_ms,
                    level=Level.EXPLICIT,
                    previous_level=Level.NONE,
                    channel=dice.choice((ChannelClass.VOICE, ChannelClass.CHAT)),
                    reasons=(Reason(l1=reason),),
                )


def judged(alerts: Iterable[Alert], *, until_ms: int) -> tuple[list[Any], Store[RegionRow]]:
    """What the regions stage publishes, with a tick each minute, and the rows that it keeps."""
    store: Store[RegionRow] = Store(RegionRow)
    pending = sorted(alerts, key=lambda alert: alert.occurred_at)
    return list(published(pending, store, until_ms=until_ms)), store


def published(alerts: Iterable[Alert], store: Store[RegionRow], *, until_ms: int) -> Iterator[Any]:
    """The same one by one, for alerts that come in the order of their minutes."""
    pending = iter(alerts)
    head = next(pending, None)
    first_ms = until_ms if head is None else head.occurred_at
    for tick_ms in range(first_ms - first_ms % MINUTE_MS + MINUTE_MS, until_ms + 1, MINUTE_MS):
        minute = []
        while head is not None and head.occurred_at < tick_ms:
            minute.append(head)
            head = next(pending, None)
        for topic, events in ((ALERTS, minute), (TICKS, [Tick(now_ms=tick_ms)])):
            if not events:
                continue
            effects = fold(Batch(topic, 0, events, [Record(0, tick_ms, None, b"")] * len(events)), store)
            store.apply(effects.changes, now_ms=tick_ms)
            yield from [output.value for output in effects.outputs]


def surges(outputs: Iterable[Any]) -> list[Alert]:
    """The surge alerts among them."""
    return [each for each in outputs if isinstance(each, Alert) and each.kind is AlertKind.SURGE]


def _poisson(dice: random.Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count


def monday_ms(year: int, month: int, day: int, hour: int = 0) -> int:
    """A moment on the wall clock of Shanghai."""
    return int(datetime(year, month, day, hour, tzinfo=CHINA).timestamp()) * 1000

"""`python -m bench.surges`: a year of made-up complaints, and how soon and how falsely its surges are found.

Regions of several sizes, with seasons of day, week and year that the product knows, a factor of its own for each day
that it does not, and surges put in, whose start and size are known. Beside the regions stage two rules that are common
elsewhere look at the same minutes. No Kafka: what is judged is the decision. Prints a table in Markdown.
"""

import argparse
import os
import random
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from math import inf
from statistics import median
from typing import NamedTuple

from bench.storms import Storm, complaints, monday_ms, published, shape_of
from pipeline.regions.state import RegionRow
from pipeline.rows import Store
from pipeline.surge.judge import Change
from pipeline.times import DAY_MS, HOUR_MS, MINUTE_MS
from schemas.alerts import Alert
from schemas.vocabulary import AlertKind

START_MS = monday_ms(2025, 12, 1)
LEARNING_DAYS = 14
STORM_MINUTES = 45
STORM_EVERY_MS = 36 * HOUR_MS
AFTERMATH_MS = HOUR_MS  # what opens so soon after a storm is no false alarm
RESTLESS = 0.05
# Complaints, on average.
AN_HOUR = {
    "620000": 2.0,
    "450000": 10.0,
    "350000": 15.0,
    "510000": 20.0,
    "320000": 30.0,
    "330000": 40.0,
    "440000": 100.0,
}
TIMES = (2.0, 3.0, 5.0)
USUAL = ((0, 5), (5, 20), (20, 25), (25, 40), (40, inf), (20, inf))  # an hour, when the storm begins
SOON_MINUTES = 10
QUARTER = 15


class Put(NamedTuple):
    """A storm and where it was put."""

    region: str
    storm: Storm
    usual: float  # complaints an hour that it multiplies

    def holds(self, at_ms: int) -> bool:
        """Whether an alarm at this moment may be about it."""
        return self.storm.start_ms < at_ms <= self.storm.start_ms + STORM_MINUTES * MINUTE_MS + AFTERMATH_MS


class Alarm(NamedTuple):
    """Something opened: where, and when somebody could know of it."""

    region: str
    at_ms: int


class Judgement(NamedTuple):
    """What every rule raised."""

    ours: list[Alarm]
    spikes: list[Alarm]
    fixed: list[Alarm]


def main() -> None:
    """Make the year, judge it, print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.surges")
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="each has a region at a time")
    options = parser.parse_args()
    end_ms = START_MS + options.weeks * 7 * DAY_MS
    put = {region: _storms(region, end_ms, seed=options.seed) for region in AN_HOUR}
    with ProcessPoolExecutor(options.processes) as pool:
        ways = [pool.submit(judge_region, region, put[region], end_ms, seed=options.seed) for region in AN_HOUR]
        found = [way.result() for way in ways]
    weeks = options.weeks - LEARNING_DAYS / 7
    every = [each for storms in put.values() for each in storms]
    names = ("the regions stage", "twice the quarter of an hour before", "three times the mean")
    for name, alarms in zip(names, zip(*found, strict=True), strict=True):
        _print(name, [each for region in alarms for each in region if each.at_ms >= _judged_from_ms()], every, weeks)


def judge_region(region: str, put: list[Put], end_ms: int, *, seed: int) -> Judgement:
    """A year of one region."""
    spikes, fixed, ours = Spike(), Fixed(), list[Alarm]()

    def watched() -> Iterator[Alert]:
        minute_ms, count = START_MS, 0
        for alert in _year(region, put, end_ms, seed=seed):
            while alert.occurred_at >= minute_ms + MINUTE_MS:
                minute_ms += MINUTE_MS
                spikes.take(region, count, now_ms=minute_ms)
                fixed.take(region, count, now_ms=minute_ms)
                count = 0
            count += 1
            yield alert

    for value in published(watched(), Store(RegionRow), until_ms=end_ms):
        if isinstance(value, Alert) and value.kind is AlertKind.SURGE and Change.OPENED in value.tags:
            ours.append(Alarm(value.region, value.emitted_at))
    return Judgement(ours, spikes.alarms, fixed.alarms)


class Spike:
    """A rule of ElastAlert's kind: this quarter of an hour against the one before."""

    def __init__(self) -> None:
        self._minutes: dict[str, deque[int]] = {}
        self._quiet_until_ms: dict[str, int] = {}
        self.alarms: list[Alarm] = []

    def take(self, region: str, count: int, *, now_ms: int) -> None:
        """One minute of one region; an alarm is raised again when it was quiet for an hour."""
        minutes = self._minutes.setdefault(region, deque(maxlen=2 * QUARTER))
        minutes.append(count)
        if self._is_hot(region, list(minutes)):
            if now_ms >= self._quiet_until_ms.get(region, 0):
                self.alarms.append(Alarm(region, now_ms))
            self._quiet_until_ms[region] = now_ms + HOUR_MS

    def _is_hot(self, region: str, minutes: list[int]) -> bool:
        now = sum(minutes[-QUARTER:])
        return now >= 5 and now >= 2 * max(1, sum(minutes[:-QUARTER]))


class Fixed(Spike):
    """A threshold for each region: three times its mean quarter of an hour, five at least."""

    def _is_hot(self, region: str, minutes: list[int]) -> bool:
        return sum(minutes[-QUARTER:]) >= max(5, 3 * AN_HOUR[region] / 4)


def _storms(region: str, end_ms: int, *, seed: int) -> list[Put]:
    dice = random.Random(f"{seed}/{region}")
    found = []
    for number, first_ms in enumerate(range(_judged_from_ms(), end_ms - STORM_EVERY_MS, STORM_EVERY_MS)):
        start_ms = first_ms + dice.randrange(STORM_EVERY_MS - 4 * HOUR_MS) // MINUTE_MS * MINUTE_MS
        storm = Storm(start_ms, STORM_MINUTES, TIMES[number % len(TIMES)])
        found.append(Put(region, storm, AN_HOUR[region] * shape_of(start_ms)))
    return found


def _year(region: str, put: list[Put], end_ms: int, *, seed: int) -> Iterator[Alert]:
    storms = [each.storm for each in put]
    for day_ms in range(START_MS, end_ms, DAY_MS):
        near = [each for each in storms if -DAY_MS <= each.start_ms - day_ms < DAY_MS]
        dice = f"{seed}/{region}/{day_ms}"
        yield from complaints(
            day_ms,
            day_ms + DAY_MS,
            an_hour=AN_HOUR[region],
            seed=dice,
            storms=near,
            region=region,
            restless=RESTLESS,
        )


def _print(name: str, alarms: list[Alarm], put: list[Put], weeks: float) -> None:
    print(f"\n### {name}\n")
    false = Counter(
        alarm.region
        for alarm in alarms
        if not any(each.holds(alarm.at_ms) for each in put if each.region == alarm.region)
    )
    print("| complaints an hour, on average | " + " | ".join(f"{an_hour:g}" for an_hour in AN_HOUR.values()) + " |")
    print("| --- |" + " --- |" * len(AN_HOUR))
    print("| false surges a week | " + " | ".join(f"{false[region] / weeks:.2f}" for region in AN_HOUR) + " |\n")
    print("| usual an hour | " + " | ".join(f"{times:g} ×" for times in TIMES) + " |")
    print("| --- |" + " --- |" * len(TIMES))
    for low, high in USUAL:
        cells = []
        for times in TIMES:
            here = [each for each in put if low <= each.usual < high and each.storm.times == times]
            cells.append(_found(here, alarms))
        print(f"| {f'{low} to {high}' if high < inf else f'{low} or more'} | " + " | ".join(cells) + " |")


def _found(put: list[Put], alarms: list[Alarm]) -> str:
    """How many storms were found, the median delay of all of them, and how many soon."""
    if not put:
        return "-"
    delays = []
    for each in put:
        hits = [alarm.at_ms for alarm in alarms if alarm.region == each.region and each.holds(alarm.at_ms)]
        delays.append((min(hits) - each.storm.start_ms) / MINUTE_MS if hits else inf)
    soon = sum(delay <= SOON_MINUTES for delay in delays) / len(put)
    share = sum(delay < inf for delay in delays) / len(put)
    middle = median(delays)
    return f"{share:.0%}, {f'{middle:.0f} min' if middle < float('inf') else '-'}, {soon:.0%} soon (n {len(put)})"


def _judged_from_ms() -> int:
    return START_MS + LEARNING_DAYS * DAY_MS


if __name__ == "__main__":
    main()

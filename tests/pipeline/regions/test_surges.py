"""Surges of regions over made-up weeks: found soon, quiet when it is quiet, the same again from the same log."""

from functools import cache

import pytest
from msgspec.structs import replace

from bench.storms import Storm, complaints, judged, monday_ms, published, surges
from pipeline.regions.fold import fold
from pipeline.regions.state import RegionRow, usual_key
from pipeline.rows import Store, encode_row
from pipeline.stage import Batch
from pipeline.surge.judge import Change
from schemas.codec import Record
from schemas.topics import ALERTS
from schemas.vocabulary import ReasonGroup
from schemas.windows import RegionUsual, RegionWindow
from tests.support.alerts import DAY, HOUR, MINUTE

START_MS = monday_ms(2026, 3, 2)
TEN_MS = monday_ms(2026, 3, 2, 10)
BURST = Storm(monday_ms(2026, 3, 13, 10), 30, 60.0, ReasonGroup.LOGISTICS)
WHOLE = Storm(monday_ms(2026, 3, 13, 16), 60, 8.0)
ON_315 = Storm(monday_ms(2026, 3, 15, 10), 90, 10.0, ReasonGroup.AFTER_SALES)  # a Sunday, some three an hour are usual


@cache
def days(count, *storms, an_hour=20):
    """Some days of one region."""
    end_ms = START_MS + count * DAY
    return judged(complaints(START_MS, end_ms, an_hour=an_hour, seed=5, storms=storms), until_ms=end_ms)


def stormy():
    """Two weeks with three storms in the second."""
    return days(14, BURST, WHOLE, ON_315)


def told(outputs, since_ms, until_ms):
    """Series, change, and how many minutes after `since_ms`."""
    return [
        (each.fingerprint.removeprefix("surge:440000:"), each.tags[0], (each.occurred_at - since_ms) // MINUTE)
        for each in surges(outputs)
        if since_ms <= each.occurred_at < until_ms
    ]


def opened(outputs, until_ms):
    """How many surges opened before a moment."""
    return len([each for each in surges(outputs) if Change.OPENED in each.tags and each.occurred_at < until_ms])


def test_quiet_weeks_are_quiet():
    """At most two false surges a region and week, the first days and the begin of a season among them."""
    assert opened(stormy()[0], BURST.start_ms) <= 4
    assert opened(days(14, an_hour=2)[0], START_MS + 14 * DAY) <= 4


def test_a_315_storm_is_found_and_resolves():
    """Ten times the usual on the morning of 15 March: one surge, opened once, over when it is over."""
    storm = told(stormy()[0], ON_315.start_ms, START_MS + 14 * DAY)
    assert storm[0][:2] == ("after_sales", "opened")
    assert storm[0][2] <= 25
    assert [change for name, change, _ in storm if name == "after_sales"][-1] == "resolved"
    assert storm[-1][2] <= 90 + 75
    assert [name for name, change, _ in storm if change == "opened"] == ["after_sales"]


def test_it_is_open_within_two_looks_of_being_clear():
    """A burst beyond doubt opens in the second minute that is over, and says what it was measured against."""
    first = next(each for each in surges(stormy()[0]) if each.occurred_at >= BURST.start_ms)
    assert first.occurred_at <= BURST.start_ms + 2 * MINUTE
    assert first.fingerprint == "surge:440000:logistics"
    assert first.count >= 5
    assert first.count / first.baseline > 2


def test_a_clock_that_is_ahead_hides_no_surge():
    """One sender of another region, twenty hours ahead just before the storm: all surges are told as without it."""
    end_ms = START_MS + 7 * DAY
    storm = Storm(START_MS + 6 * DAY + 10 * HOUR, 45, 20.0, ReasonGroup.LOGISTICS)
    usual = list(complaints(START_MS, end_ms, an_hour=20, seed=5, storms=[storm]))
    before = [each for each in usual if each.occurred_at < storm.start_ms]
    ahead = replace(
        before[-1], alert_id="ahead", region="650000", occurred_at=storm.start_ms + 20 * HOUR, emitted_at=storm.start_ms
    )
    told = []
    for more in ([], [ahead]):
        store = Store(RegionRow)
        outputs = list(published(before, store, until_ms=storm.start_ms))
        effects = fold(Batch(ALERTS, 0, more, [Record(0, storm.start_ms, None, b"")] * len(more)), store)
        store.apply(effects.changes, now_ms=storm.start_ms)
        outputs += published(usual[len(before) :], store, until_ms=end_ms)
        told.append(surges(outputs))
    assert told[0] == told[1]
    assert opened(told[1], end_ms) > opened(told[1], storm.start_ms)


def test_a_storm_of_everything_is_told():
    """All reasons at once: found within the hour, by its reasons or as the whole region."""
    found = told(stormy()[0], WHOLE.start_ms, WHOLE.start_ms + HOUR)
    assert {name for name, change, _ in found if change == "opened"} & {"all", *ReasonGroup}


def test_in_the_first_days_nothing_is_judged():
    """Learning is said: no surge, and the region as a whole is not foretold, before four days were seen."""
    outputs, _ = days(6, Storm(START_MS + 2 * DAY + 10 * HOUR, 60, 20.0))
    assert opened(outputs, START_MS + 4 * DAY) == 0
    foretold = [each for each in outputs if isinstance(each, RegionUsual)]
    assert all(each.total is None for each in foretold if each.hour_start < START_MS + 4 * DAY)
    assert any(each.total is not None for each in foretold)


def test_the_same_log_gives_the_same_again():
    """Windows, surges, foretold hours and rows, byte for byte."""
    storm = Storm(START_MS + 2 * DAY + 10 * HOUR, 60, 20.0)
    one, other = days(6, storm), days.__wrapped__(6, storm)
    assert one[0] == other[0]
    rows, others = ({key: encode_row(row) for key, row in store.items()} for _, store in (one, other))
    assert rows == others


def test_what_was_foretold_is_what_came():
    """After a week and a half the complaints foretold for a day are near those that came; the season is in them."""
    outputs, store = stormy()
    day_ms = monday_ms(2026, 3, 12)
    foretold = {each.hour_start: each for each in outputs if isinstance(each, RegionUsual)}
    hours = [foretold[day_ms + number * HOUR] for number in range(24)]
    windows = {
        (each.window_start, each.channel): each
        for each in outputs
        if isinstance(each, RegionWindow) and each.window_s == 3600 and day_ms <= each.window_start < day_ms + DAY
    }
    came = sum(sum(window.complaints.values()) for window in windows.values())
    assert {each.factor for each in hours} == {2.0}
    assert sum(each.total for each in hours) == pytest.approx(came, rel=0.25)
    assert store.get(usual_key("440000")).usual.cells["all"]["workday/9"].seen >= 8


def test_the_hour_of_a_storm_teaches_a_quarter():
    """At ten on workdays the mean is what nine calm hours and a quarter of the storm's weight make it."""
    outputs, store = stormy()
    counts: dict[int, dict[str, int]] = {}  # by day, then by channel: the newest version of that hour
    for each in outputs:
        if isinstance(each, RegionWindow) and each.window_s == 3600 and (each.window_start - TEN_MS) % DAY == 0:
            of_day = counts.setdefault((each.window_start - TEN_MS) // DAY, {})
            of_day[each.channel] = each.complaints.get(ReasonGroup.LOGISTICS, 0)
    mean, seen = 0.0, 0
    for day in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11):  # two weeks without their weekends; the last is the storm's
        weight = max(0.2, 1 / (seen + 1)) * (0.25 if day == 11 else 1.0)
        factor = 2.0 if day >= 8 else 1.0  # 315 begins on the second Tuesday
        mean += weight * (sum(counts.get(day, {}).values()) / factor - mean)
        seen += 1
    cell = store.get(usual_key("440000")).usual.cells[ReasonGroup.LOGISTICS]["workday/10"]
    assert sum(counts[11].values()) > 50
    assert (cell.seen, cell.mean) == (seen, pytest.approx(mean, abs=0.01))


CITY_STORM = Storm(START_MS + 6 * DAY + 10 * HOUR, 45, 4.0)


def in_cities(alerts):
    """Complaints of Guangdong in turn from four cities; while the storm lasts, from Shenzhen alone."""
    for number, each in enumerate(alerts):
        is_stormy = 0 <= each.occurred_at - CITY_STORM.start_ms < CITY_STORM.minutes * MINUTE
        city = "440300" if is_stormy else ("440100", "440300", "440600", "441900")[number % 4]
        yield replace(each, city=city)


def test_a_city_surges_by_itself():
    """The alert is its province's and names the city, is over when the city is calm; no other city is told of."""
    end_ms = CITY_STORM.start_ms + 3 * HOUR
    alerts = complaints(START_MS, end_ms, an_hour=20, seed=5, storms=[CITY_STORM])
    outputs, store = judged(in_cities(alerts), until_ms=end_ms)
    of_cities = [each for each in surges(outputs) if each.city]
    assert {(each.region, each.city) for each in of_cities} == {("440000", "440300")}
    whole = [each for each in of_cities if each.fingerprint == "surge:440300:all"]
    assert [each.tags[0] for each in whole][:1] + [each.tags[0] for each in whole][-1:] == ["opened", "resolved"]
    assert CITY_STORM.start_ms < whole[0].occurred_at <= CITY_STORM.start_ms + 30 * MINUTE
    assert whole[0].count / whole[0].baseline > 4
    windows = [each for each in outputs if isinstance(each, RegionWindow)]
    assert {each.region for each in windows} == {"440000"}, "windows are of regions"
    assert store.get(usual_key("440300")).usual.cells["all"]["workday/10"].seen >= 3

"""The last day of a partition's rows: how many conversations rose to each level, as the tiles of the board have it."""

from collections import Counter
from collections.abc import Callable

from pipeline.regions.state import MINUTES_KEY, RegionRow, keys_of
from pipeline.times import DAY_MS, HOUR_MS, MINUTE_MS
from schemas.vocabulary import Level

Get = Callable[[bytes], RegionRow | None]


def last_day(get: Get, *, now_ms: int) -> Counter[tuple[str, Level]]:
    """Rises of the 24 hours that end with the running minute, by region and level.

    Exact to the minute at their near end and to the hour at their far one, as `views.sliding_sum` over what was
    published. An hour's row grows with its minutes, so it need not be over, or published, to be taken.
    """
    until_ms = now_ms - now_ms % MINUTE_MS + MINUTE_MS
    hour_ms = until_ms - until_ms % HOUR_MS  # from here on there are only minutes
    first_ms = -(-(until_ms - DAY_MS) // HOUR_MS) * HOUR_MS
    rises: Counter[tuple[str, Level]] = Counter()
    for start_ms in range(first_ms, hour_ms, HOUR_MS):
        _add(rises, get, HOUR_MS, start_ms)
    minutes = get(MINUTES_KEY)
    for start_ms in (minute * MINUTE_MS for minute in (minutes.minutes if minutes is not None else ())):
        if hour_ms <= start_ms < until_ms:
            _add(rises, get, MINUTE_MS, start_ms)
    return rises


def _add(rises: Counter[tuple[str, Level]], get: Get, size_ms: int, start_ms: int) -> None:
    for (region, _), key in keys_of(size_ms, start_ms):
        row = get(key)
        if row is not None and row.window is not None:
            for level, count in row.window.alerts.items():
                rises[region, level] += count

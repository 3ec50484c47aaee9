"""Working time: which moments of which days are open, how much of a span is open, and when so much has passed.

All moments are milliseconds since the epoch, UTC. Opening hours are read off the wall clock of the calendar's zone: an
hour that daylight saving skips is not worked, one that it repeats is worked twice.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.sla.holidays import KNOWN_UNTIL, DayKind, china_day
from pipeline.times import DAY_MS

_YEAR_DAYS = 370
_EPOCH = date(1970, 1, 1).toordinal()
_LAST = date(2300, 1, 1).toordinal()  # the longest target in the scarcest calendar ends before
Hours = tuple[
    tuple[int, int], ...
]  # minutes of the day: when it opens, when it closes; in order, apart from each other


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    """A calendar as it is written: hours by weekday, and the dates that are different."""

    id: str
    zone: str = "Asia/Shanghai"
    hours: tuple[Hours, ...] = ((),) * 7  # Monday first
    follows_china: bool = False  # public holidays are closed, make-up days are open
    makeup_hours: Hours = ()  # of a make-up day whose weekday is otherwise closed
    has_own_makeup: bool = False  # the operator wrote them: they hold on any make-up day
    days: Mapping[date, Hours] = field(default_factory=dict)  # what the operator knows better: the hours of one date
    known_until: date | None = None  # how far the operator's dates go


class _Day(NamedTuple):
    spans: tuple[tuple[int, int], ...]
    open_ms: int


class WorkCalendar:
    """One calendar. Days once worked out are kept, in order and with their sum, so that asking costs a search."""

    __slots__ = ("_closes", "_days", "_first", "_last", "_opens", "_sums", "_zone", "spec")

    def __init__(self, spec: CalendarSpec) -> None:
        self.spec = spec
        self._zone = ZoneInfo(spec.zone)
        self._days: dict[int, _Day] = {}
        self._first, self._last = 0, -1  # ordinals of the days whose spans are in the lists below
        self._opens: list[int] = []
        self._closes: list[int] = []
        self._sums: list[int] = []  # open time of all spans up to the end of this one

    @property
    def known_until(self) -> date | None:
        """The last date of which holidays are known; None where the calendar has none. Later ones are estimated."""
        if not self.spec.follows_china:
            return None
        return max(KNOWN_UNTIL, self.spec.known_until or KNOWN_UNTIL)

    def is_estimated(self, until_ms: int) -> bool:
        """Whether a reckoning up to this moment had to take a date for an ordinary one because nobody knows it yet."""
        known_until = self.known_until
        return known_until is not None and self._date(until_ms) > known_until

    def hours_of(self, day: date) -> Hours:
        """When a date is open: the operator's word first, then the country's, then the day of the week."""
        spec = self.spec
        if day in spec.days:
            return spec.days[day]
        usual = spec.hours[day.weekday()]
        kind = china_day(day) if spec.follows_china else DayKind.ORDINARY
        if kind is DayKind.HOLIDAY:
            return ()
        if kind is DayKind.MAKE_UP and (spec.has_own_makeup or not usual):
            return spec.makeup_hours
        return usual

    def open_ms(self, start_ms: int, end_ms: int) -> int:
        """How much of a span is open; 0 where it ends before it starts."""
        if end_ms <= start_ms:
            return 0
        self._cover(start_ms, end_ms)
        return self._open_until(end_ms) - self._open_until(start_ms)

    def after(self, start_ms: int, open_ms: int) -> int:
        """The first moment at which so much open time has passed since `start_ms`; `start_ms` itself for none."""
        if open_ms <= 0:
            return start_ms
        self._cover(start_ms, start_ms + open_ms)
        wanted_ms = self._open_until(start_ms) + open_ms
        while self._sums[-1] < wanted_ms:
            self._extend(self._last + _YEAR_DAYS)
        at = bisect_left(self._sums, wanted_ms)
        return self._closes[at] - (self._sums[at] - wanted_ms)

    def next_opening(self, after_ms: int) -> int:
        """When the first open day after the date of `after_ms` opens."""
        ordinal = self._ordinal(after_ms) + 1
        while not self._day(ordinal).open_ms:
            ordinal += 1
        return self._day(ordinal).spans[0][0]

    def _open_until(self, at_ms: int) -> int:
        """Open time since the first day that is kept; the moment must lie among them."""
        at = bisect_right(self._opens, at_ms) - 1
        return 0 if at < 0 else self._sums[at] - max(0, self._closes[at] - at_ms)

    def _cover(self, start_ms: int, end_ms: int) -> None:
        """See to it that the days around two moments are kept. A day of margin is more than any zone is off."""
        first, last = start_ms // DAY_MS + _EPOCH - 2, end_ms // DAY_MS + _EPOCH + 2
        if first >= self._first and last <= self._last:
            return
        if self._last < self._first:
            self._first, self._last = first, first - 1
        if first < self._first:
            last = max(last, self._last)
            self._first, self._last = first - _YEAR_DAYS, first - _YEAR_DAYS - 1
            self._opens, self._closes, self._sums = [], [], []
        self._extend(last)

    def _extend(self, last: int) -> None:
        """Keep every day up to this one, and a year more; raises ValueError where no calendar goes so far."""
        last += _YEAR_DAYS
        if self._first < 1 or last > _LAST:
            raise ValueError("a moment outside of what calendars are made for")
        total_ms = self._sums[-1] if self._sums else 0
        for ordinal in range(self._last + 1, last + 1):
            for opens_ms, closes_ms in self._day(ordinal).spans:
                total_ms += closes_ms - opens_ms
                self._opens.append(opens_ms)
                self._closes.append(closes_ms)
                self._sums.append(total_ms)
        self._last = last

    def _date(self, at_ms: int) -> date:
        return datetime.fromtimestamp(at_ms // 1000, self._zone).date()

    def _ordinal(self, at_ms: int) -> int:
        return self._date(at_ms).toordinal()

    def _day(self, ordinal: int) -> _Day:
        day = self._days.get(ordinal)
        if day is None:
            spans = tuple(
                (opens_ms, closes_ms)
                for opens, closes in self.hours_of(date.fromordinal(ordinal))
                if (opens_ms := self._moment(ordinal, opens)) < (closes_ms := self._moment(ordinal, closes))
            )
            day = self._days[ordinal] = _Day(spans, sum(closes_ms - opens_ms for opens_ms, closes_ms in spans))
        return day

    def _moment(self, ordinal: int, minute: int) -> int:
        """The first moment at which the wall clock shows so many minutes of a date, or later where it skips them."""
        wall = datetime.fromordinal(ordinal) + timedelta(minutes=minute)
        moment = wall.replace(tzinfo=self._zone)
        at_s = int(moment.timestamp())
        if datetime.fromtimestamp(at_s, self._zone).replace(tzinfo=None) != wall:  # skipped by daylight saving
            at_s = self._end_of_gap(int(moment.replace(fold=1).timestamp()), at_s)
        return at_s * 1000

    def _end_of_gap(self, before_s: int, after_s: int) -> int:
        """The second at which the wall clock jumps, between two that lie on either side of the jump."""
        offset = datetime.fromtimestamp(after_s, self._zone).utcoffset()
        while after_s - before_s > 1:
            middle_s = (before_s + after_s) // 2
            if datetime.fromtimestamp(middle_s, self._zone).utcoffset() == offset:
                after_s = middle_s
            else:
                before_s = middle_s
        return after_s

"""One batch of alerts or ticks: counts go into their windows, and what event time has passed is closed.

Alerts are taken one by one, so that it makes no difference where a batch ends.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from pipeline.places.cities import CITIES
from pipeline.places.provinces import REGIONS, UNKNOWN
from pipeline.regions.count import complaint_reason, count, has_counted, inherit, is_counted, remember, snapshot
from pipeline.regions.state import (
    ALLOWED_LATENESS_MS,
    CLOCK_KEY,
    HOURS_FOR_MS,
    LEARN_AFTER_MS,
    MINUTES_KEY,
    RAW_FOR_MS,
    Clock,
    RegionRow,
    Window,
    WindowId,
    keys_of,
    window_at,
)
from pipeline.regions.surges import Surges
from pipeline.stage import Batch, Effects, Output, Rows
from pipeline.times import HOUR_MS, MINUTE_MS, heard_ms
from schemas.alerts import Alert
from schemas.ticks import Tick
from schemas.topics import WINDOWS
from schemas.vocabulary import ChannelClass


def fold(batch: Batch, rows: Rows[RegionRow]) -> Effects[RegionRow]:
    """Fold alerts into windows and ticks into the clock. Changes nothing: rows and outputs are returned."""
    turn = _Turn(rows)
    for event in batch.events:
        if isinstance(event, Alert):
            turn.take_alert(event, emitted_at_ms=event.emitted_at)
        elif isinstance(event, Tick):
            turn.take_tick(event, emitted_at_ms=event.now_ms)
    return turn.effects


class _Turn:
    """The rows as they are while a batch is being folded: what this batch changed lies over what was committed."""

    def __init__(self, rows: Rows[RegionRow]) -> None:
        self._rows = rows
        self.effects: Effects[RegionRow] = Effects()
        self._surges = Surges(self._get, self.effects)

    def take_alert(self, alert: Alert, *, emitted_at_ms: int) -> None:
        """Count an alert, then let its event time close what it has passed.

        A sender's clock may be ahead: its alert counts where it says, and moves time no further than it was sent.
        """
        at_ms = alert.occurred_at
        watermark_ms = heard_ms(at_ms, emitted_at_ms) - ALLOWED_LATENESS_MS
        clock = self._clock() or Clock(at_ms, watermark_ms)
        if is_counted(alert) and at_ms >= clock.watermark_ms - HOURS_FOR_MS:
            self._count(alert, clock, emitted_at_ms=emitted_at_ms)
        moved = Clock(max(clock.newest_ms, at_ms), max(clock.watermark_ms, watermark_ms))
        self._move(clock, moved, emitted_at_ms=emitted_at_ms)

    def take_tick(self, tick: Tick, *, emitted_at_ms: int) -> None:
        """Move the watermark in silence; a tick that has nothing to close or to forget changes no row."""
        clock = self._clock()
        if clock is None:
            return
        watermark_ms = tick.now_ms - ALLOWED_LATENESS_MS
        has_minutes = clock.watermark_ms - RAW_FOR_MS - MINUTE_MS <= clock.newest_ms
        has_hours = clock.watermark_ms - HOURS_FOR_MS - HOUR_MS <= clock.newest_ms
        passes_minute = watermark_ms // MINUTE_MS > clock.watermark_ms // MINUTE_MS
        passes_hour = watermark_ms // HOUR_MS > clock.watermark_ms // HOUR_MS
        if (passes_minute and has_minutes) or (passes_hour and has_hours):
            self._move(clock, Clock(clock.newest_ms, watermark_ms), emitted_at_ms=emitted_at_ms)

    def _count(self, alert: Alert, clock: Clock, *, emitted_at_ms: int) -> None:
        """Put an alert into its minute and hour; of a day long gone only the hour is left to correct."""
        region = alert.region if alert.region in REGIONS else UNKNOWN
        channel = alert.channel or ChannelClass.CHAT
        minute = window_at(region, channel, MINUTE_MS, alert.occurred_at)
        hour = window_at(region, channel, HOUR_MS, alert.occurred_at)
        is_raw = minute.end_ms > clock.watermark_ms - RAW_FOR_MS
        remembering = minute if is_raw else hour
        if has_counted(self._window(remembering), alert):
            return
        if is_raw:
            self._note_minute(minute.start_ms)
        is_late = minute.end_ms <= clock.watermark_ms
        reason = complaint_reason(alert)
        if is_late and is_raw and reason:
            for place in (region, alert.city) if alert.city in CITIES else (region,):
                self._surges.note(place, minute.start_ms, {reason: 1})
        for which in (minute, hour) if is_raw else (hour,):
            window = count(self._window(which), alert, is_late=is_late)
            if which is remembering:
                window = remember(window, alert)
            is_closed = which.end_ms <= clock.watermark_ms
            if is_closed or which is minute:
                self._publish(which, replace(window, is_closed=is_closed), emitted_at_ms=emitted_at_ms)
            else:  # an hour is published when it is over: its minutes say how it grows
                self._put(which, window)

    def _move(self, clock: Clock, moved: Clock, *, emitted_at_ms: int) -> None:
        """Set the clock; close, and later forget, the windows that the watermark has passed."""
        if self._clock() != moved:
            self.effects.changes[CLOCK_KEY] = RegionRow(clock=moved)
        if moved.watermark_ms // MINUTE_MS == clock.watermark_ms // MINUTE_MS:
            return
        minutes = self._minutes()
        for start_ms in (minute * MINUTE_MS for minute in minutes):
            if clock.watermark_ms < start_ms + MINUTE_MS <= moved.watermark_ms:
                self._close(MINUTE_MS, start_ms, emitted_at_ms=emitted_at_ms)
        for start_ms in _hours_ended(clock, moved):
            self._close(HOUR_MS, start_ms, emitted_at_ms=emitted_at_ms)
        for start_ms in _hours_ended(clock, moved, ago_ms=LEARN_AFTER_MS):
            hours = [
                each
                for which, hour in self._existing(HOUR_MS, start_ms)
                for each in hour.complaints_by_place(which.region)
            ]
            self._surges.learn(start_ms, hours)
        self._surges.look(
            clock.watermark_ms, moved.watermark_ms, self._open_minutes(moved), emitted_at_ms=emitted_at_ms
        )
        self._forget(minutes, clock, moved)

    def _forget(self, minutes: tuple[int, ...], clock: Clock, moved: Clock) -> None:
        """Let go of the windows that no late event may correct any more."""
        kept = tuple(each for each in minutes if (each + 1) * MINUTE_MS > moved.watermark_ms - RAW_FOR_MS)
        if kept != minutes:
            for minute in minutes[: len(minutes) - len(kept)]:
                self._forget_minute(minute * MINUTE_MS)
            self.effects.changes[MINUTES_KEY] = RegionRow(minutes=kept)
        for start_ms in _hours_ended(clock, moved, ago_ms=HOURS_FOR_MS):
            for which, _ in self._existing(HOUR_MS, start_ms):
                self.effects.changes[which.key] = None

    def _close(self, size_ms: int, start_ms: int, *, emitted_at_ms: int) -> None:
        for which, window in self._existing(size_ms, start_ms):
            if not window.is_closed:
                if size_ms == MINUTE_MS:
                    for place, complaints in window.complaints_by_place(which.region):
                        self._surges.note(place, start_ms, complaints)
                self._publish(which, replace(window, is_closed=True), emitted_at_ms=emitted_at_ms)

    def _open_minutes(self, clock: Clock) -> dict[str, dict[int, dict[str, int]]]:
        """Complaints of the minutes that are over but not closed, by place, minute and leading reason."""
        found: dict[str, dict[int, dict[str, int]]] = {}
        first = clock.watermark_ms // MINUTE_MS
        for minute in (each for each in self._minutes() if first <= each < first + ALLOWED_LATENESS_MS // MINUTE_MS):
            for which, window in self._existing(MINUTE_MS, minute * MINUTE_MS):
                if not window.is_closed and window.complaints:
                    for place, complaints in window.complaints_by_place(which.region):
                        counts = found.setdefault(place, {}).setdefault(minute, {})
                        for reason, count in complaints.items():
                            counts[reason] = counts.get(reason, 0) + count
        return found

    def _forget_minute(self, start_ms: int) -> None:
        """The hour inherits which alerts were counted, so that a repeat is recognised as long as it could do harm."""
        for which, window in self._existing(MINUTE_MS, start_ms):
            hour = window_at(which.region, which.channel, HOUR_MS, start_ms)
            self._put(hour, inherit(self._window(hour), window))
            self.effects.changes[which.key] = None

    def _existing(self, size_ms: int, start_ms: int) -> Iterator[tuple[WindowId, Window]]:
        """The windows of one span. Asking for all 35 regions by 6 channels costs less than keeping an index."""
        for place, key in keys_of(size_ms, start_ms):
            row = self._get(key)
            if row is not None and row.window is not None:
                yield WindowId(*place, size_ms, start_ms), row.window

    def _note_minute(self, start_ms: int) -> None:
        minutes, minute = self._minutes(), start_ms // MINUTE_MS
        if minute not in minutes:
            self.effects.changes[MINUTES_KEY] = RegionRow(minutes=tuple(sorted((*minutes, minute))))

    def _publish(self, which: WindowId, window: Window, *, emitted_at_ms: int) -> None:
        window = replace(window, version=window.version + 1)
        self._put(which, window)
        published = snapshot(which, window, emitted_at_ms=emitted_at_ms)
        self.effects.outputs.append(Output(WINDOWS, which.region.encode(), published))

    def _put(self, which: WindowId, window: Window) -> None:
        self.effects.changes[which.key] = RegionRow(window=window)

    def _window(self, which: WindowId) -> Window:
        row = self._get(which.key)
        return (row.window if row is not None else None) or _EMPTY

    def _minutes(self) -> tuple[int, ...]:
        row = self._get(MINUTES_KEY)
        return row.minutes if row is not None else ()

    def _clock(self) -> Clock | None:
        row = self._get(CLOCK_KEY)
        return row.clock if row is not None else None

    def _get(self, key: bytes) -> RegionRow | None:
        changes = self.effects.changes
        return changes[key] if key in changes else self._rows.get(key)


_EMPTY = Window()


def _hours_ended(before: Clock, after: Clock, *, ago_ms: int = 0) -> range:
    """Starts of the hours that may hold windows and whose end the watermark, less `ago_ms`, passes."""
    first_ms = (before.watermark_ms - ago_ms) // HOUR_MS * HOUR_MS
    last_ms = min(after.watermark_ms - ago_ms, before.newest_ms + HOUR_MS) // HOUR_MS * HOUR_MS
    return range(first_ms, last_ms, HOUR_MS)

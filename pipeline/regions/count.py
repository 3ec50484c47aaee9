"""Counting one alert into one window, and what a window looks like when it is published."""

from collections.abc import Mapping

from msgspec.structs import replace

from pipeline.conversation.ids import event_hash, is_recent
from pipeline.places.cities import CITIES
from pipeline.regions.state import Window, WindowId, cell
from pipeline.rises import became_complaint
from schemas.alerts import Alert
from schemas.vocabulary import RISES, Level, ReasonGroup
from schemas.windows import ReasonCount, RegionWindow

_MAX_RECENT_BYTES = 8 * 4096

_CELLS = tuple((cell(level, reason), level, reason) for level in Level for reason in ReasonGroup)


def is_counted(alert: Alert) -> bool:
    """Only rises of conversations count; a new threat group at the same level, a drill or a surge does not."""
    return (
        alert.kind in RISES
        and alert.level is not None
        and alert.level is not Level.NONE
        and alert.level is not alert.previous_level
        and not alert.test
    )


def has_counted(window: Window, alert: Alert) -> bool:
    """Whether this very alert is in the window already."""
    return is_recent(window.recent, event_hash(alert.alert_id))


def count(window: Window, alert: Alert, *, is_late: bool) -> Window:
    """The window with one alert more: once for its level, once for each of its reasons."""
    level = alert.level or Level.NONE
    groups = dict.fromkeys(reason.l1 for reason in alert.reasons) or {ReasonGroup.OTHER: None}
    counts = dict(window.counts)
    for group in groups:
        name = cell(level, group)
        counts[name] = counts.get(name, 0) + 1
    reason = complaint_reason(alert)
    complaints = _with_one_more(window.complaints, reason) if reason else window.complaints
    cities = window.cities
    if reason and alert.city in CITIES:
        cities = {**cities, alert.city: _with_one_more(cities.get(alert.city, {}), reason)}
    return replace(
        window,
        late_count=window.late_count + is_late,
        complaints=complaints,
        alerts={**window.alerts, level: window.alerts.get(level, 0) + 1},
        counts=counts,
        cities=cities,
    )


def _with_one_more(counts: Mapping[str, int], name: str) -> dict[str, int]:
    return {**counts, name: counts.get(name, 0) + 1}


def complaint_reason(alert: Alert) -> str:
    """The leading reason of an alert by which a conversation became a complaint; empty where it is none, or was one.

    Counts of complaints are what surges and rates are judged by.
    """
    if not became_complaint(alert):
        return ""
    return next((reason.l1 for reason in alert.reasons), ReasonGroup.OTHER)


def remember(window: Window, alert: Alert) -> Window:
    """The window with the alert's identity noted, so that a repeat is recognised."""
    return replace(window, recent=(window.recent + event_hash(alert.alert_id))[-_MAX_RECENT_BYTES:])


def inherit(hour: Window, minute: Window) -> Window:
    """The hour with what one of its minutes remembers."""
    return replace(hour, recent=(hour.recent + minute.recent)[-_MAX_RECENT_BYTES:])


def snapshot(which: WindowId, window: Window, *, emitted_at_ms: int) -> RegionWindow:
    """The window as it is published."""
    counts = window.counts
    return RegionWindow(
        region=which.region,
        channel=which.channel,
        window_start=which.start_ms,
        window_s=which.size_ms // 1000,
        version=window.version,
        counts=tuple(
            [
                ReasonCount(level=level, reason_l1=reason, count=counts[name])
                for name, level, reason in _CELLS
                if name in counts
            ]
        ),
        late=window.late_count,
        closed=window.is_closed,
        alerts={level: window.alerts[level] for level in Level if level in window.alerts},
        complaints={reason: window.complaints[reason] for reason in ReasonGroup if reason in window.complaints},
        emitted_at=emitted_at_ms,
    )

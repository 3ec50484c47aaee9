"""The picture: alerts, incidents, clocks and tiles of the last day, and what of it changed since somebody last looked.

No clock and no Kafka: values go in, views come out. In whatever order the partitions of the log are read, the same
records give the same picture.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from msgspec import Struct

from agents.board.figures import ALL, Figures, FiguresView
from agents.board.heat import Heat, Tile
from agents.board.hotwords import Words, WordsView
from agents.board.natures import NaturesView, natures_of
from agents.board.query import AlertQuery, ClockQuery, IncidentQuery
from agents.board.views import AlertView, ClockView, IncidentView, alert_view, clock_views, incident_view
from pipeline.places.provinces import REGIONS
from pipeline.times import HOUR_MS, MINUTE_MS
from schemas.alerts import Alert
from schemas.hotwords import HotWords, HourOfWords
from schemas.incidents import Incident, IncidentState
from schemas.kpis import KpiHour
from schemas.sla_clocks import ClockState, TicketClocks
from schemas.topics import INCIDENTS, SLA_CLOCKS, Topic
from schemas.vocabulary import AlertKind
from schemas.windows import RegionUsual, RegionWindow

ALERTS_MAX = 20_000
KEPT_MS = 24 * HOUR_MS

_BY_PLACE = attrgetter("place")


class Page(Struct, frozen=True):
    """A stretch of a list, how many there are in all, and where the next one begins."""

    items: Sequence[Any]
    total: int
    next: str = ""


class Changes(Struct):
    """What changed, as it is now."""

    alerts: list[AlertView] = []
    incidents: dict[str, IncidentView] = {}
    clocks: dict[str, tuple[ClockView, ...]] = {}  # all of a ticket; none where it is no more
    gone: list[str] = []  # ids of incidents that are no more
    regions: set[str] = set()
    words: set[str] = set()  # places whose hot words changed
    figures: set[str] = set()  # regions whose figures changed; `all` for those of touchpoints and products


class ReadModel:
    """The last day of the board's topics. `nature_by_leaf` is of the reasons in force; None: by the shipped rules."""

    def __init__(self, *, alerts_max: int = ALERTS_MAX, nature_by_leaf: Mapping[str, str] | None = None) -> None:
        self._nature_by_leaf = nature_by_leaf
        self._alerts_max = alerts_max
        self._alerts: list[AlertView] = []  # in the order of `place`
        self._ids: set[str] = set()
        self._incidents: dict[str, IncidentView] = {}
        self._tickets: dict[str, _Ticket] = {}
        self._heat = Heat()
        self._words = Words()
        self._figures = Figures()
        self._natures: dict[str, tuple[int, NaturesView]] = {}  # by place, and the minute in which it was counted
        self._changes = Changes()
        self._takers: dict[type, Callable[[Any], None]] = {
            Alert: self._take_alert,
            RegionWindow: lambda window: self._changes.regions.add(self._heat.take(window)),
            RegionUsual: lambda usual: self._changes.regions.add(self._heat.foretell(usual)),
            HotWords: lambda words: self._changes.words.add(self._words.take(words)),
            KpiHour: self._take_figures,
            HourOfWords: lambda hour: self._changes.words.add(self._words.take_hour(hour)),
            Incident: self._take_incident,
            TicketClocks: self._take_clocks,
        }

    def take(self, value: Any) -> None:
        """Put one record in; a repeat, or an older version, changes nothing."""
        self._takers[type(value)](value)

    def remove(self, topic: Topic, key: str) -> None:
        """A tombstone of a compacted topic."""
        if topic is INCIDENTS and self._incidents.pop(key, None) is not None:
            self._changes.incidents.pop(key, None)
            self._changes.gone.append(key)
        if topic is SLA_CLOCKS and self._tickets.pop(key, None) is not None:
            self._changes.clocks[key] = ()

    def drain(self) -> Changes:
        """What changed since the last call."""
        changes, self._changes = self._changes, Changes()
        return changes

    def forget(self, *, now_ms: int) -> None:
        """Let go what is older than a day and no longer open."""
        self._heat.forget(now_ms=now_ms)
        self._words.forget(now_ms=now_ms)
        self._figures.forget(now_ms=now_ms)
        oldest_ms = now_ms - KEPT_MS
        first = bisect_left(self._alerts, (oldest_ms, ""), key=_BY_PLACE)
        self._drop_alerts(max(first, len(self._alerts) - self._alerts_max))
        for incident in [each for each in self._incidents.values() if _is_over(each) and each.updated_at < oldest_ms]:
            del self._incidents[incident.id]
        for key in [key for key, each in self._tickets.items() if each.is_over and each.emitted_at < oldest_ms]:
            del self._tickets[key]

    def tile(self, region: str, *, now_ms: int) -> Tile:
        """One region as it is now."""
        return self._heat.tile(region, now_ms=now_ms)

    def tiles(self, *, now_ms: int) -> list[Tile]:
        """Every region, also those of which nothing was heard."""
        return [self.tile(region, now_ms=now_ms) for region in REGIONS]

    def words(self, place: str, *, now_ms: int) -> WordsView:
        """What a place talks about."""
        return self._words.view(place, now_ms=now_ms)

    def alerts(self, query: AlertQuery) -> Page:
        """Alerts that a query asks for, newest first."""
        end = bisect_left(self._alerts, query.place, key=_BY_PLACE) if query.before else len(self._alerts)
        matching = [each for each in reversed(self._alerts) if query.wants(each)]
        rest = [each for each in reversed(self._alerts[:end]) if query.wants(each)] if query.before else matching
        shown = rest[: query.limit]
        more = f"{shown[-1].emitted_at}:{shown[-1].id}" if shown and len(rest) > query.limit else ""
        return Page(shown, len(matching), more)

    def natures(self, place: str, *, now_ms: int) -> NaturesView:
        """What complaints of a region, or of all, are about by nature; counted once a minute for every open board."""
        minute = now_ms // MINUTE_MS
        made = self._natures.get(place)
        if made is None or made[0] != minute:
            alerts = (each for each in self._alerts if place in {ALL, each.region})
            found = natures_of(alerts, self._nature_by_leaf)
            made = self._natures[place] = (minute, found)
        return made[1]

    def alert(self, alert_id: str) -> AlertView | None:
        """One alert of the last day."""
        return next((each for each in reversed(self._alerts) if each.id == alert_id), None)

    def incidents(self, query: IncidentQuery) -> Page:
        """Incidents that a query asks for: what is open first, then by level, then the newest."""
        found = sorted((each for each in self._incidents.values() if query.wants(each)), key=_incident_order)
        return _page(found, query.offset, query.limit)

    def incident(self, incident_id: str) -> IncidentView | None:
        """One incident."""
        return self._incidents.get(incident_id)

    def clocks(self, query: ClockQuery) -> Page:
        """Clocks that a query asks for: what is due first comes first."""
        every = (clock for ticket in self._tickets.values() for clock in ticket.clocks)
        found = sorted((each for each in every if query.wants(each)), key=_clock_order)
        return _page(found, query.offset, query.limit)

    def figures(self, place: str, *, now_ms: int) -> FiguresView:
        """Figures of the last day, of a region or of all."""
        return self._figures.view(place, now_ms=now_ms)

    def _take_figures(self, hour: KpiHour) -> None:
        place = self._figures.take(hour)
        if place is not None:
            self._changes.figures.add(place)

    def _take_alert(self, alert: Alert) -> None:
        if alert.alert_id in self._ids:
            return
        view = alert_view(alert)
        self._ids.add(view.id)
        insort(self._alerts, view, key=_BY_PLACE)
        self._changes.alerts.append(view)
        if alert.kind is AlertKind.SURGE and not (view.is_drill or view.city):  # a tile is a whole region
            self._changes.regions.add(self._heat.surge(alert))
        if len(self._alerts) > self._alerts_max + self._alerts_max // 10:  # not one by one
            self._drop_alerts(len(self._alerts) - self._alerts_max)

    def _drop_alerts(self, count: int) -> None:
        if count > 0:
            self._ids.difference_update(each.id for each in self._alerts[:count])
            del self._alerts[:count]

    def _take_incident(self, incident: Incident) -> None:
        known = self._incidents.get(incident.incident_id)
        if known is None or incident.updated_at >= known.updated_at:
            view = incident_view(incident)
            self._incidents[view.id] = self._changes.incidents[view.id] = view

    def _take_clocks(self, ticket: TicketClocks) -> None:
        known = self._tickets.get(ticket.ticket_id)
        if known is None or ticket.version > known.version:
            clocks = clock_views(ticket)
            self._tickets[ticket.ticket_id] = _Ticket(ticket.version, ticket.emitted_at, clocks)
            self._changes.clocks[ticket.ticket_id] = clocks


class _Ticket(Struct, frozen=True):
    """The clocks of one ticket."""

    version: int
    emitted_at: int
    clocks: tuple[ClockView, ...]

    @property
    def is_over(self) -> bool:
        """Whether every clock has stopped for good."""
        return not any(map(_ticks, self.clocks))


def _page(found: list[Any], offset: int, limit: int) -> Page:
    end = offset + limit
    return Page(found[offset:end], len(found), str(end) if end < len(found) else "")


def _is_over(incident: IncidentView) -> bool:
    return incident.state in {IncidentState.RESOLVED, IncidentState.CLOSED}


def _ticks(clock: ClockView) -> bool:
    return clock.state in {ClockState.ACTIVE, ClockState.ACTIVE_WITH_MISSES}


def _incident_order(incident: IncidentView) -> tuple[int, int, int, str]:
    return _STATES.index(incident.state), -incident.level.rank, -incident.opened_at, incident.id


def _clock_order(clock: ClockView) -> tuple[bool, bool, int, str, str]:
    return not _ticks(clock), clock.due_at is None, clock.due_at or 0, clock.ticket_id, clock.clock


_STATES = tuple(IncidentState)

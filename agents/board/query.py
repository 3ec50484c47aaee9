"""What a reader of the board may ask for, read from the parameters of a URL. A mistake is told with its place."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

from agents.board.views import AlertView, ClockView, IncidentView
from pipeline.errors import TocsinError
from pipeline.hotwords.state import ALL
from pipeline.incidents.case import OPEN
from pipeline.places.provinces import REGIONS
from schemas.base import MAX_MILLIS
from schemas.incidents import IncidentState
from schemas.sla_clocks import ClockState
from schemas.vocabulary import AlertKind, Level, ReasonGroup

LIMIT = 100
LIMIT_MAX = 500
_OFFSET_MAX = 1_000_000

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


class QueryError(TocsinError):
    """A parameter of a URL is wrong; the text says which and what was expected, never what was given."""


class AlertQuery(Struct, frozen=True):
    """Which alerts; an empty choice is every one."""

    levels: frozenset[Level] = frozenset()
    kinds: frozenset[AlertKind] = frozenset()
    reason: ReasonGroup | None = None
    region: str = ""
    before: str = ""  # `emitted_at:id` of the last one that was shown
    limit: int = LIMIT

    @property
    def place(self) -> tuple[int, str]:
        """Before which place in the order."""
        at_ms, _, alert_id = self.before.partition(":")
        return int(at_ms), alert_id

    def wants(self, alert: AlertView) -> bool:
        """Whether an alert is one of them."""
        return (
            (not self.levels or alert.level in self.levels)
            and (not self.kinds or alert.kind in self.kinds)
            and (not self.region or alert.region == self.region)
            and (self.reason is None or any(reason.l1 is self.reason for reason in alert.reasons))
        )


class IncidentQuery(Struct, frozen=True):
    """Which incidents; without states, those that are open or acknowledged."""

    states: frozenset[IncidentState] = frozenset()
    levels: frozenset[Level] = frozenset()
    reason: ReasonGroup | None = None
    region: str = ""
    offset: int = 0
    limit: int = LIMIT

    def wants(self, incident: IncidentView) -> bool:
        """Whether an incident is one of them."""
        return (
            incident.state in (self.states or OPEN)
            and (not self.levels or incident.level in self.levels)
            and (not self.region or self.region in incident.regions)
            and (self.reason is None or self.reason in incident.reasons)
        )


class ClockQuery(Struct, frozen=True):
    """Which clocks; without states, those that have not stopped."""

    states: frozenset[ClockState] = frozenset()
    offset: int = 0
    limit: int = LIMIT

    def wants(self, clock: ClockView) -> bool:
        """Whether a clock is one of them."""
        return clock.state in (self.states or _TICKING)


def alert_query(given: Mapping[str, str]) -> AlertQuery:
    """`level=explicit,high_risk&kind=…&reason=service&region=440000&before=…&limit=100`."""
    _known(given, "level", "kind", "reason", "region", "before", "limit")
    before = given.get("before", "")
    if before and not _is_number(before.partition(":")[0], MAX_MILLIS):
        raise QueryError("before: expected the `next` of the answer before")
    return AlertQuery(
        levels=_choices(given, "level", Level),
        kinds=_choices(given, "kind", AlertKind),
        reason=_choice(given, "reason", ReasonGroup),
        region=_region(given),
        before=before,
        limit=_number(given, "limit", LIMIT, LIMIT_MAX),
    )


def incident_query(given: Mapping[str, str]) -> IncidentQuery:
    """`state=open,acked&level=…&reason=…&region=…&offset=0&limit=100`."""
    _known(given, "state", "level", "reason", "region", "offset", "limit")
    return IncidentQuery(
        states=_choices(given, "state", IncidentState),
        levels=_choices(given, "level", Level),
        reason=_choice(given, "reason", ReasonGroup),
        region=_region(given),
        offset=_number(given, "offset", 0, _OFFSET_MAX),
        limit=_number(given, "limit", LIMIT, LIMIT_MAX),
    )


def clock_query(given: Mapping[str, str]) -> ClockQuery:
    """`state=active&offset=0&limit=100`."""
    _known(given, "state", "offset", "limit")
    return ClockQuery(
        states=_choices(given, "state", ClockState),
        offset=_number(given, "offset", 0, _OFFSET_MAX),
        limit=_number(given, "limit", LIMIT, LIMIT_MAX),
    )


def place_query(given: Mapping[str, str]) -> str:
    """`region=440000`; without one, all regions together."""
    _known(given, "region")
    return _region(given) or ALL


def _known(given: Mapping[str, str], *names: str) -> None:
    if set(given) - set(names):
        raise QueryError(f"unknown parameter; expected {', '.join(names)}")


def _choices(given: Mapping[str, str], name: str, kind: type[ChoiceT]) -> frozenset[ChoiceT]:
    try:
        return frozenset(kind(part) for part in given.get(name, "").split(",") if part)
    except ValueError as error:
        raise QueryError(f"{name}: expected one or more of {', '.join(kind)}") from error


def _choice(given: Mapping[str, str], name: str, kind: type[ChoiceT]) -> ChoiceT | None:
    chosen = _choices(given, name, kind)
    if len(chosen) > 1:
        raise QueryError(f"{name}: expected one of {', '.join(kind)}")
    return next(iter(chosen), None)


def _region(given: Mapping[str, str]) -> str:
    region = given.get("region", "")
    if region and region not in REGIONS:
        raise QueryError("region: expected a province code such as 440000, or unknown")
    return region


def _number(given: Mapping[str, str], name: str, default: int, highest: int) -> int:
    text = given.get(name) or str(default)
    if not _is_number(text, highest):
        raise QueryError(f"{name}: expected a whole number up to {highest}")
    return int(text)


def _is_number(text: str, highest: int) -> bool:
    """Its length is looked at first: Python raises at numbers of thousands of digits."""
    is_short = len(text) <= len(str(highest)) and text.isascii()
    return is_short and text.isdecimal() and int(text) <= highest


_TICKING = frozenset({ClockState.ACTIVE, ClockState.ACTIVE_WITH_MISSES})

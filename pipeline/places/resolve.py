"""Region of an event: the sources of `domain.md` 9 in their order of trust. Place names in free text are never read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from pipeline.places.area_codes import region_of_number
from pipeline.places.numbers import at_home
from pipeline.places.provinces import UNKNOWN, Place, read_place
from schemas.events import Event, LocatedEvent

_MOBILE_PREFIX_DIGITS = 7


class RegionSource(StrEnum):
    """What a region was taken from, the most trusted first."""

    FIELD = "field"  # the sender named it
    QUEUE = "queue"  # the organisational unit of the queue or skill group
    ORDER = "order"  # where the order is shipped to
    CUSTOMER = "customer"  # the customer's profile
    CALLER = "caller"  # the caller's number
    SITE = "site"  # where the agent sits
    UNKNOWN = "unknown"

    @property
    def distrust(self) -> int:
        """0 for the most trusted source."""
        return _DISTRUST[self]


_DISTRUST = {source: rank for rank, source in enumerate(RegionSource)}


class Located(NamedTuple):
    """A region label, the city where it is known, and where both come from."""

    region: str = UNKNOWN
    source: RegionSource = RegionSource.UNKNOWN
    city: str = ""


NOWHERE = Located()


@dataclass(frozen=True, slots=True, eq=False)
class PlaceTables:
    """What an operator knows about places: queues and skill groups by region, and seven-digit mobile prefixes."""

    queues: Mapping[str, str] = field(default_factory=dict)
    mobile_prefixes: Mapping[str, str] = field(default_factory=dict)


NO_TABLES = PlaceTables()


def resolve_region(event: Event, tables: PlaceTables = NO_TABLES) -> Located:
    """Where an event comes from, by the most trusted source that names a province; `unknown` where none does."""
    if event.region and (place := read_place(event.region)):
        return _located(place, RegionSource.FIELD)
    if tables.queues and (place := _place_of_queue(event, tables)):
        return _located(place, RegionSource.QUEUE)
    if isinstance(event, LocatedEvent):
        return _locate(event, tables)
    return NOWHERE


def _locate(event: LocatedEvent, tables: PlaceTables) -> Located:
    if place := read_place(event.order_region):
        return _located(place, RegionSource.ORDER)
    if place := read_place(event.customer_region):
        return _located(place, RegionSource.CUSTOMER)
    if place := read_place(event.caller_region) or _place_of_number(event.caller_prefix, tables):
        return _located(place, RegionSource.CALLER)
    if place := read_place(event.site_region):
        return _located(place, RegionSource.SITE)
    return NOWHERE


def _place_of_queue(event: Event, tables: PlaceTables) -> Place | None:
    queue: str | None = getattr(event, "queue", None)
    skill_group: str | None = getattr(event, "skill_group", None)
    return read_place(tables.queues.get(queue or "")) or read_place(tables.queues.get(skill_group or ""))


def _place_of_number(prefix: str | None, tables: PlaceTables) -> Place | None:
    if not prefix:
        return None
    if mobile := tables.mobile_prefixes.get(at_home(prefix)[:_MOBILE_PREFIX_DIGITS]):
        return read_place(mobile)
    region = region_of_number(prefix)
    return Place(region) if region else None


def _located(place: Place, source: RegionSource) -> Located:
    return Located(place.region, source, place.city)

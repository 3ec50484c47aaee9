"""What is promised for which ticket: an ordered list of policies, of which the first that fits counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from pipeline.sla.actions import Automation
from pipeline.sla.calendar import CalendarSpec, WorkCalendar
from pipeline.sla.house import HouseRules
from pipeline.times import MINUTE_MS
from schemas.sla_clocks import GoalKind
from schemas.tickets import Priority, TicketStatus
from schemas.vocabulary import Level

APART_MS = MINUTE_MS  # warnings closer together than this are one


class Audience(StrEnum):
    """Who hears a warning."""

    BOARD = "board"  # nobody is told; it is to be seen
    HANDLER = "handler"
    ADMINISTRATOR = "administrator"
    ESCALATION = "escalation"  # the chain of people on call


@dataclass(frozen=True, slots=True)
class WarningPoint:
    """When somebody is told: at a share of the target, or so much working time before or after its end."""

    key: str  # `0.75`, `-30m`, `+60m`: what a warning is remembered by
    audience: tuple[Audience, ...]
    share_permyriad: int | None = None  # of ten thousand: whole numbers, so that an instant is exact
    offset_ms: int = 0

    def at_elapsed_ms(self, target_ms: int) -> int:
        """How much working time has been used when it is due."""
        if self.share_permyriad is None:
            return max(0, target_ms + self.offset_ms)
        return -(-target_ms * self.share_permyriad // 10_000)


BREACH = WarningPoint(
    "1", (Audience.HANDLER, Audience.ADMINISTRATOR, Audience.ESCALATION), share_permyriad=10_000
)  # every goal has it; where a policy writes `at: 1`, that says who hears it


class Point(NamedTuple):
    """So much working time used, and who then hears of it."""

    elapsed_ms: int
    keys: tuple[str, ...]  # of the warnings that are told together here
    audience: tuple[Audience, ...]

    @property
    def key(self) -> str:
        """What it is remembered by."""
        return self.keys[0]


def points(warnings: tuple[WarningPoint, ...], target_ms: int) -> tuple[Point, ...]:
    """The points of a target.

    Warnings less than a minute apart are told once, at the first of their instants and to all of them together: so
    a short target still warns before it ends, and nobody is told twice in a breath.
    """
    by_key = {warning.key: warning for warning in (BREACH, *warnings)}
    audiences: dict[str, tuple[Audience, ...]] = {}
    for warning in warnings:  # one that is written twice is for both audiences
        audiences[warning.key] = tuple(dict.fromkeys((*audiences.get(warning.key, ()), *warning.audience)))
    found = [
        Point(warning.at_elapsed_ms(target_ms), (key,), audiences.get(key, warning.audience))
        for key, warning in by_key.items()
    ]
    merged: list[Point] = []
    for point in sorted(found, key=lambda point: (point.elapsed_ms, point.keys)):
        last = merged[-1] if merged else None
        if last and point.elapsed_ms < target_ms and point.elapsed_ms - last.elapsed_ms < APART_MS:
            audience = tuple(dict.fromkeys((*last.audience, *point.audience)))
            merged[-1] = Point(last.elapsed_ms, last.keys + point.keys, audience)
        else:
            merged.append(point)
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class Goal:
    """One promise of a policy: how much working time, of which calendar, and what does not count."""

    kind: GoalKind
    targets_ms: Mapping[str, int]  # by priority, for `first_action` by level
    calendar: WorkCalendar
    pause_on: frozenset[TicketStatus] = frozenset()
    pause_on_tags: frozenset[str] = frozenset()
    warnings: tuple[WarningPoint, ...] = (BREACH,)
    remind_days: int = 0  # after the last warning, at each opening of so many days
    _points: dict[int, tuple[Point, ...]] = field(default_factory=dict, compare=False, repr=False)

    def points(self, target_ms: int) -> tuple[Point, ...]:
        """Everything that a clock with this target has to tell, in order; the breach always."""
        known = self._points.get(target_ms)
        if known is None:
            known = self._points[target_ms] = points(self.warnings, target_ms)
        return known

    def target_ms(self, priority: Priority, level: Level) -> int | None:
        """How much working time there is; None where this goal promises nothing to such a ticket."""
        return self.targets_ms.get(level if self.kind is GoalKind.FIRST_ACTION else priority)


_OFFICE_HOURS = ((9 * 60, 18 * 60),)
# 工作日 as the country means it: Monday to Friday without public holidays, and the make-up days.
_WORKING_WEEK = CalendarSpec(
    id="working_week", hours=(_OFFICE_HOURS,) * 5 + ((),) * 2, follows_china=True, makeup_hours=_OFFICE_HOURS
)


@dataclass(frozen=True, slots=True)
class PromisePolicy:
    """How agents' promises are counted: whose working days, when somebody is told, and what 尽快 means."""

    calendar: WorkCalendar = field(default_factory=lambda: WorkCalendar(_WORKING_WEEK))
    warnings: tuple[WarningPoint, ...] = (
        WarningPoint("0.75", (Audience.HANDLER,), share_permyriad=7_500),
        WarningPoint("0.9", (Audience.HANDLER, Audience.ADMINISTRATOR), share_permyriad=9_000),
    )
    vague_for_ms: int = 24 * 60 * MINUTE_MS

    def points(self, span_ms: int) -> tuple[Point, ...]:
        """Everything that a promise with so much time has to tell, in order; the last is that it is broken."""
        return tuple(point for point in points(self.warnings, span_ms) if point.elapsed_ms <= span_ms)


@dataclass(frozen=True, slots=True)
class Traits:
    """What policies are chosen by; a change of any of them has the policy chosen anew."""

    priority: Priority = Priority.NORMAL
    tenant: str = "default"
    type: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    group: str = ""
    region: str = ""
    product: str = ""
    hint: str = ""
    channel: str = ""
    customer_tier: str = ""
    level: Level = Level.NONE


@dataclass(frozen=True, slots=True)
class Policy:
    """What is promised to the tickets that fit; `match` names for each trait the values that will do."""

    id: str
    zh: str
    goals: Mapping[GoalKind, Goal]
    match: Mapping[str, frozenset[str]] = field(default_factory=dict)
    enforce_from_ms: int = 0  # tickets that were created before keep what they had

    def fits(self, traits: Traits, *, created_at_ms: int) -> bool:
        """Whether this policy holds for a ticket."""
        if created_at_ms < self.enforce_from_ms:
            return False
        return fits(self.match, traits)


def fits(match: Mapping[str, frozenset[str]], traits: Traits) -> bool:
    """Whether a ticket has, of every trait that is named, one of the values that will do."""
    return all(_is_one_of(getattr(traits, trait), wanted) for trait, wanted in match.items())


def _is_one_of(value: str | tuple[str, ...], wanted: frozenset[str]) -> bool:
    return not wanted.isdisjoint(value) if isinstance(value, tuple) else value in wanted


@dataclass(frozen=True, slots=True)
class SlaPack:
    """All policies in order, with the calendars they go by; `version` is a hash of the files."""

    policies: tuple[Policy, ...]
    calendars: Mapping[str, WorkCalendar]
    version: str
    automation: Automation = field(default_factory=Automation)
    house: HouseRules = field(default_factory=HouseRules)
    promises: PromisePolicy = field(default_factory=PromisePolicy)
    _by_id: dict[str, Policy] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_id.update((policy.id, policy) for policy in self.policies)

    @property
    def known_until(self) -> dict[str, date]:
        """Until when holidays are known, by calendar; one without holidays is not among them."""
        return {name: until for name, calendar in self.calendars.items() if (until := calendar.known_until)}

    def choose(self, traits: Traits, *, created_at_ms: int) -> Policy | None:
        """The first policy that fits; None where nothing is promised."""
        for policy in self.policies:
            if policy.fits(traits, created_at_ms=created_at_ms):
                return policy
        return None

    def policy(self, policy_id: str) -> Policy | None:
        """The policy of an id."""
        return self._by_id.get(policy_id)

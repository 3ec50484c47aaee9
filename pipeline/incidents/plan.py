"""The on-call plan: people, rosters, chains and routes, as plain values. Reading it from a file is somebody else's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from pipeline.incidents.roles import Role
from pipeline.incidents.roster import Roster
from schemas.vocabulary import AlertKind, Level, ReasonGroup

GROUP = "group"  # the receiver that is a whole chat group


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the week, local time: minutes of the day from `from_minute` up to, not including, `to_minute`."""

    weekdays: frozenset[int]  # 0 is Monday
    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step tells: a person, whoever a roster says, a chat group, or the lead of the alert's queue."""

    kind: str  # person, roster, team (all of it), turn (the next one of a team), channel or lead
    name: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chain: after a wait that nobody ended by acknowledging, tell these."""

    targets: tuple[Target, ...]
    after: timedelta = timedelta(0)  # after the step before it
    only_within: Hours | None = None
    only_from_count: int = 0  # alerts in the incident; fewer skip the step
    of_last: timedelta | None = None  # only alerts of this span count; None: all of them
    by_second_contact: bool = False  # another way than the one that was not answered


@dataclass(frozen=True, slots=True)
class Chain:
    """Who is told in which order. After the last step it begins anew, with growing quiet between, `repeat` times."""

    steps: tuple[Step, ...]
    repeat: int = 0
    acks_needed: int = 1


@dataclass(frozen=True, slots=True)
class Route:
    """Which alerts go to a chain. An empty field matches everything; the first route that matches wins."""

    chain: str  # "" only records: nobody is told
    kinds: frozenset[AlertKind] = frozenset()
    levels: frozenset[Level] = frozenset()
    regions: frozenset[str] = frozenset()
    reasons: frozenset[ReasonGroup] = frozenset()
    queues: frozenset[str] = frozenset()
    group_wait: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be told: the channels by which, in order of preference. Addresses are kept elsewhere."""

    channels: tuple[str, ...]
    role: Role = Role.OPERATOR
    takes_drills: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides who is told."""

    people: Mapping[str, Person] = field(default_factory=dict)
    rosters: Mapping[str, Roster] = field(default_factory=dict)
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chains: Mapping[str, Chain] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    leads: Mapping[str, str] = field(default_factory=dict)  # queue to person
    fallback_channel: str = ""  # told at once when nobody is on call and it is high risk
    board_url: str = ""  # what a card's first button opens
    runbook_url: str = ""  # what says how to deal with it, where the alert names nothing better
    redrawing: frozenset[str] = frozenset()  # channels whose cards can be drawn anew
    drill_channel: str = ""  # hears of drills what unmarked people and groups would have heard
    pages_per_hour: int = 10  # to one person over all channels, high risk not held back
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()  # make-up days 调休: a weekend's day that is worked
    utc_offset: timedelta = timedelta(hours=8)
    follows_china: bool = False
    group_interval: timedelta = timedelta(minutes=5)
    quiet_first: timedelta = timedelta(minutes=30)  # between two rounds of a chain; doubles each time
    quiet_most: timedelta = timedelta(hours=4)
    ack_lasts: timedelta = timedelta(hours=4)
    high_risk_ack_lasts: timedelta = timedelta(minutes=30)
    reopen_within: timedelta = timedelta(minutes=30)
    resolve_after: timedelta = timedelta(hours=24)  # without a new alert


def milliseconds(span: timedelta) -> int:
    """A duration as log time counts it."""
    return span // timedelta(milliseconds=1)

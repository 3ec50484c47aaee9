"""The on-call file: channels, people, rosters, chains and routes from YAML, with every problem of it in one error.

The file is handed in as bytes. Secrets are not in it, only where they are found; `agents` looks there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from pipeline.errors import TocsinError
from pipeline.incidents.checks import lines_of, mismatches
from pipeline.incidents.plan import Chain, Person, Plan, Route, Step
from pipeline.incidents.roles import Role
from pipeline.incidents.roster import Calendar, DayOff, Override, Roster, Rotation, Shift, Swap
from pipeline.incidents.sections import PACE, REDRAWN_KINDS, TOP
from pipeline.rules.document import read_document
from pipeline.rules.problems import Problem
from pipeline.rules.shapes import Report
from schemas.vocabulary import AlertKind, Level, ReasonGroup

RECORD_ONLY = "none"


class OnCallError(TocsinError):
    """An on-call file that cannot be used; `problems` holds all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """A channel as it is written: its kind, and its settings with references in place of secrets."""

    name: str
    kind: str
    settings: Mapping[str, Any]
    per_minute: int | None = None
    per_month: int | None = None  # what the vendor's edition allows; watched, not enforced


@dataclass(frozen=True, slots=True)
class AnswerSpec:
    """Where answers are received, with references in place of keys and secrets."""

    url: str
    keys: tuple[str, ...]  # the first seals, all of them open
    links_last: timedelta
    callbacks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # secrets by channel


@dataclass(frozen=True, slots=True)
class OnCall:
    """The whole file: the plan for whoever decides, the rest for whoever delivers."""

    plan: Plan = field(default_factory=Plan)
    channels: Mapping[str, ChannelSpec] = field(default_factory=dict)
    contacts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # address by person and channel
    allow_hosts: tuple[str, ...] = ()
    allow_private_hosts: tuple[str, ...] = ()
    answers: AnswerSpec | None = None  # None: cards have no buttons to act with


def parse_oncall(name: str, data: bytes) -> OnCall:
    """The file of that name; raises one OnCallError with every problem."""
    node, problems = read_document(name, data)
    values: dict[str, Any] = {}
    if node is not None:
        report = Report(name)
        values = TOP.read(node, "", report) or {}
        problems = report.problems
        if not problems:
            problems = mismatches(name, values, lines_of(node))
    if problems:
        raise OnCallError(problems)
    return OnCall(
        plan=_plan(values),
        channels={each: _channel(each, spec) for each, spec in values["channels"].items()},
        contacts={person: spec["contacts"] for person, spec in values.get("people", {}).items()},
        allow_hosts=values.get("allow_hosts", ()),
        allow_private_hosts=values.get("allow_private_hosts", ()),
        answers=_answers(values["answers"]) if "answers" in values else None,
    )


def _channel(name: str, spec: Mapping[str, Any]) -> ChannelSpec:
    settings = {key: value for key, value in spec.items() if key not in {"kind", *PACE}}
    settings |= {"api": spec["api"].rstrip("/")} if "api" in spec else {}
    return ChannelSpec(name, spec["kind"], settings, **{key: spec[key] for key in PACE if key in spec})


def _answers(spec: Mapping[str, Any]) -> AnswerSpec:
    lasts = spec.get("links_last", timedelta(hours=12))
    return AnswerSpec(spec["url"].rstrip("/"), spec["keys"], lasts, spec.get("callbacks", {}))


def _plan(values: Mapping[str, Any]) -> Plan:
    offset = timedelta(minutes=values.get("utc_offset_minutes", 480))
    spans = {name: values[name] for name in ("group_interval", "ack_lasts", "high_risk_ack_lasts") if name in values}
    return Plan(
        people={name: _person(spec) for name, spec in values.get("people", {}).items()},
        rosters={name: _roster(spec, offset) for name, spec in values.get("rosters", {}).items()},
        teams=values.get("teams", {}),
        chains={name: _chain(spec) for name, spec in values["chains"].items()},
        routes=tuple(_route(spec) for spec in values["routes"]),
        leads=values.get("leads", {}),
        fallback_channel=values.get("fallback_channel", ""),
        board_url=values.get("board_url", ""),
        runbook_url=values.get("runbook_url", ""),
        redrawing=frozenset(name for name, spec in values["channels"].items() if spec["kind"] in REDRAWN_KINDS),
        drill_channel=values.get("drill_channel", ""),
        pages_per_hour=values.get("pages_per_hour", 10),
        holidays=frozenset(values.get("holidays", ())),
        workdays=frozenset(values.get("workdays", ())),
        utc_offset=offset,
        follows_china=values.get("calendar", "china") == "china",
        **spans,
    )


def _person(spec: Mapping[str, Any]) -> Person:
    return Person(tuple(spec["contacts"]), Role(spec.get("role", Role.OPERATOR)), spec.get("drills") == "yes")


def _roster(spec: Mapping[str, Any], offset: timedelta) -> Roster:
    calendar = Calendar(utc_offset=offset)
    overrides = (
        Override(calendar.moment_ms(each["from"]), calendar.moment_ms(each["to"]), each.get("people", ()))
        for each in spec.get("overrides", ())
    )
    return Roster(
        shifts=tuple(_shift(each) for each in spec["shifts"]),
        overrides=tuple(overrides),
        swaps=tuple(Swap(each["day"], *each["between"][:2]) for each in spec.get("swaps", ())),
        days_off=tuple(DayOff(each["person"], each["first"], each["last"]) for each in spec.get("days_off", ())),
    )


def _shift(spec: Mapping[str, Any]) -> Shift:
    rotation = _rotation(spec)
    nobody = replace(rotation, members=()) if "only" in spec else None
    return Shift(
        weekday=rotation,
        holiday=_rotation(spec["holiday"]) if "holiday" in spec else nobody,
        handover_minute=spec.get("handover", 9 * 60),
        lasts=spec.get("lasts"),
        zone=spec.get("zone"),
    )


def _rotation(spec: Mapping[str, Any]) -> Rotation:
    starts_on: date = spec["starts_on"]
    return Rotation(spec["members"], starts_on, spec.get("turn_days", 7))


def _chain(spec: Mapping[str, Any]) -> Chain:
    steps = tuple(
        Step(
            targets=each["tell"],
            after=each.get("after", timedelta(0)),
            only_within=each.get("within"),
            only_from_count=each.get("from_count", 0),
            of_last=each.get("of_last"),
            by_second_contact=each.get("by_second_contact") == "yes",
        )
        for each in spec["steps"]
    )
    return Chain(steps, repeat=spec.get("repeat", 0), acks_needed=spec.get("acks_needed", 1))


def _route(spec: Mapping[str, Any]) -> Route:
    return Route(
        chain="" if spec["chain"] == RECORD_ONLY else spec["chain"],
        kinds=frozenset(AlertKind(each) for each in spec.get("kinds", ())),
        levels=frozenset(Level(each) for each in spec.get("levels", ())),
        regions=frozenset(spec.get("regions", ())),
        reasons=frozenset(ReasonGroup(each) for each in spec.get("reasons", ())),
        queues=frozenset(spec.get("queues", ())),
        group_wait=spec.get("group_wait", timedelta(seconds=30)),
    )

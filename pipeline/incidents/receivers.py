"""Receivers: which people and groups a step means at a moment, and how each can be reached."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pipeline.incidents.plan import GROUP, Plan, Step, Target
from pipeline.incidents.roster import Calendar, next_duty_ms, on_call
from schemas.alerts import Alert
from schemas.deliveries import Receiver

_NO_TURNS: Mapping[str, int] = MappingProxyType({})


class Addressed(NamedTuple):
    """One message to be sent: where first, and where else when that fails."""

    receiver: Receiver
    alternatives: tuple[Receiver, ...] = ()
    stands_for: tuple[Receiver, ...] = ()  # of a drill: whom it would have told in earnest
    card_ref: str = ""  # of a card that is drawn anew: by which, where a press on it brought that


class Reach(NamedTuple):
    """Whom a step reaches; `waits_until_ms` is set where it reaches nobody before somebody's duty begins."""

    addressed: tuple[Addressed, ...]
    waits_until_ms: int | None = None
    turns: Mapping[str, int] = _NO_TURNS  # of teams whose next one was told: how often a turn was taken by now


def reach(
    step: Step,
    alert: Alert,
    plan: Plan,
    *,
    now_ms: int,
    turns: Mapping[str, int] = _NO_TURNS,
    told: Sequence[Receiver] = (),
) -> Reach:
    """Everybody a step tells, each once. A turn goes to the next of a team who was not told of this matter yet."""
    calendar = calendar_of(plan)
    found: dict[Receiver, Addressed] = {}
    waits: list[int] = []
    taken: dict[str, int] = {}
    for target in step.targets:
        people, begins_ms = _people(target, alert, plan, calendar, now_ms)
        if target.kind == "turn":
            people, taken[target.name] = next_in_turn(plan.teams[target.name], turns.get(target.name, 0), told)
        if begins_ms is not None:
            waits.append(begins_ms)
        if target.kind == "channel":
            group = Addressed(Receiver(channel=target.name, to=GROUP), _fallback(plan, target.name))
            found.setdefault(group.receiver, group)
        for person in people:
            addressed = _to(person, plan, second=step.by_second_contact)
            if addressed is not None:
                found.setdefault(addressed.receiver, addressed)
    return Reach(tuple(found.values()), min(waits) if waits and not found else None, taken)


def shown(told: Sequence[Receiver], plan: Plan) -> tuple[Receiver, ...]:
    """Where cards of those who were told may stand that can be drawn anew.

    Of a person every such channel: what one vendor refused went to the next, and only whoever delivers knows.
    """
    found: dict[Receiver, None] = {}
    for each in present(told, plan):
        person = plan.people.get(each.to)
        channels = (each.channel,) if person is None else person.channels
        found |= {Receiver(channel=name, to=each.to): None for name in channels if name in plan.redrawing}
    return tuple(found)


def present(told: Sequence[Receiver], plan: Plan) -> tuple[Receiver, ...]:
    """Those who were told, as the plan knows them now: nobody writes to who left, or by a way that somebody gave up."""
    found: dict[Receiver, None] = {}
    for each in told:
        person = plan.people.get(each.to)
        channels = (each.channel,) if each.to == GROUP else person.channels if person is not None else ()
        if channels:
            channel = each.channel if each.channel in channels else channels[0]
            found[Receiver(channel=channel, to=each.to)] = None
    return tuple(found)


def next_in_turn(team: Sequence[str], turn: int, told: Sequence[Receiver]) -> tuple[tuple[str, ...], int]:
    """Who of a team is next, and the turn after it. Whoever was told already is passed over, unless all were."""
    known = {receiver.to for receiver in told}
    for ahead in range(len(team)):
        person = team[(turn + ahead) % len(team)]
        if person not in known:
            return (person,), (turn + ahead + 1) % len(team)
    return (team[turn % len(team)],), (turn + 1) % len(team)


def fallback(plan: Plan) -> tuple[Addressed, ...]:
    """Whom to tell when nobody is on call."""
    return (Addressed(Receiver(channel=plan.fallback_channel, to=GROUP)),) if plan.fallback_channel else ()


def calendar_of(plan: Plan) -> Calendar:
    """The plan's calendar."""
    return Calendar(plan.holidays, plan.workdays, plan.utc_offset, plan.follows_china)


def _people(
    target: Target, alert: Alert, plan: Plan, calendar: Calendar, now_ms: int
) -> tuple[tuple[str, ...], int | None]:
    """The people of a target; where a roster has nobody now, when it has somebody again."""
    if target.kind == "person":
        return (target.name,), None
    if target.kind == "team":
        return plan.teams[target.name], None
    if target.kind == "lead":
        lead = plan.leads.get(alert.queue, "")
        return ((lead,) if lead else ()), None
    if target.kind == "roster":
        people = on_call(plan.rosters[target.name], now_ms, calendar=calendar)
        return people, None if people else next_duty_ms(plan.rosters[target.name], now_ms, calendar=calendar)
    return (), None


def _to(person: str, plan: Plan, *, second: bool) -> Addressed | None:
    channels = plan.people[person].channels
    if not channels:
        return None
    if second:
        channels = channels[1:] + channels[:1]
    receivers = tuple(Receiver(channel=channel, to=person) for channel in channels)
    return Addressed(receivers[0], (*receivers[1:], *_fallback(plan, receivers[0].channel)))


def _fallback(plan: Plan, channel: str) -> tuple[Receiver, ...]:
    if not plan.fallback_channel or plan.fallback_channel == channel:
        return ()
    return (Receiver(channel=plan.fallback_channel, to=GROUP),)

"""Receivers: which people and groups a step means at a moment, and how each can be reached."""

from typing import NamedTuple

from pipeline.incidents.plan import GROUP, Plan, Step, Target
from pipeline.incidents.roster import Calendar, next_duty_ms, on_call
from schemas.alerts import Alert
from schemas.deliveries import Receiver


class Addressed(NamedTuple):
    """One message to be sent: where first, and where else when that fails."""

    receiver: Receiver
    alternatives: tuple[Receiver, ...] = ()


class Reach(NamedTuple):
    """Whom a step reaches; `waits_until_ms` is set where it reaches nobody before somebody's duty begins."""

    addressed: tuple[Addressed, ...]
    waits_until_ms: int | None = None


def reach(step: Step, alert: Alert, plan: Plan, *, now_ms: int) -> Reach:
    """Everybody a step tells, each once. A drill reaches the drill channel and nobody else."""
    if alert.test:
        drill = plan.drill_channel
        return Reach((Addressed(Receiver(channel=drill, to=GROUP)),) if drill else ())
    calendar = calendar_of(plan)
    found: dict[Receiver, Addressed] = {}
    waits: list[int] = []
    for target in step.targets:
        people, begins_ms = _people(target, alert, plan, calendar, now_ms)
        if begins_ms is not None:
            waits.append(begins_ms)
        if target.kind == "channel":
            group = Addressed(Receiver(channel=target.name, to=GROUP), _fallback(plan, target.name))
            found.setdefault(group.receiver, group)
        for person in people:
            addressed = _to(person, plan, second=step.by_second_contact)
            if addressed is not None:
                found.setdefault(addressed.receiver, addressed)
    return Reach(tuple(found.values()), min(waits) if waits and not found else None)


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

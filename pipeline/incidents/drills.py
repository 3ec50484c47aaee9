"""Drills: who hears of one in place of whom. Only who is marked ever does, and nothing real changes."""

from collections.abc import Sequence

from pipeline.incidents.plan import GROUP, Plan
from pipeline.incidents.receivers import Addressed
from schemas.deliveries import Receiver


def takes_drills(receiver: Receiver, plan: Plan) -> bool:
    """Whether a receiver is marked: the drill channel's group, or a person with `drills: "yes"`."""
    if receiver.to == GROUP:
        return receiver.channel == plan.drill_channel
    person = plan.people.get(receiver.to)
    return person is not None and person.takes_drills and receiver.channel in person.channels


def in_drill(addressed: Sequence[Addressed], plan: Plan) -> tuple[Addressed, ...]:
    """Whom a drill tells: those who are marked, and the drill channel, once, for all the others."""
    kept: list[Addressed] = []
    others: list[Receiver] = []
    for each in addressed:
        if takes_drills(each.receiver, plan):
            ways = tuple(way for way in each.alternatives if takes_drills(way, plan))
            kept.append(Addressed(each.receiver, ways))
        else:
            others.append(each.receiver)
    if others and plan.drill_channel:
        kept.append(Addressed(Receiver(channel=plan.drill_channel, to=GROUP), stands_for=tuple(others)))
    return tuple(kept)

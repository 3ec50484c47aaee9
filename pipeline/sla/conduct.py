"""Conduct: which house rules one fact of a ticket broke."""

from msgspec.structs import replace

from pipeline.sla.facts import Fact
from pipeline.sla.house import REFILED, UNEXPLAINED_REJECTION, HouseRules
from pipeline.sla.standing import Standing


def kept(before: Standing, ticket: Standing, fact: Fact, rules: HouseRules) -> Standing:
    """The ticket with the rules that this fact broke."""
    found = []
    if before.category in rules.quality and ticket.category in rules.whim:
        found.append(REFILED)
    if rules.rejects(before.tags, fact.tags) and not fact.reason:
        found.append(UNEXPLAINED_REJECTION)
    if not found:
        return ticket
    return replace(ticket, findings=tuple(dict.fromkeys((*ticket.findings, *found))))

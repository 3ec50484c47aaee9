"""Conduct: which house rules one fact of a ticket broke."""

from msgspec.structs import replace

from pipeline.sla.facts import Fact
from pipeline.sla.house import REFILED, UNEXPLAINED_REJECTION, HouseRules
from pipeline.sla.standing import Standing


def kept(before: Standing, ticket: Standing, fact: Fact, rules: HouseRules) -> Standing:
    """The ticket with the rules that this fact broke. What once was of quality is so, whatever it was called since."""
    found = []
    was_quality = before.was_quality or before.category in rules.quality or fact.previous_category in rules.quality
    if was_quality is not ticket.was_quality:
        ticket = replace(ticket, was_quality=was_quality)
    if was_quality and ticket.category in rules.whim:
        found.append(REFILED)
    if rules.rejects(before.tags, fact.tags) and not fact.reason:
        found.append(UNEXPLAINED_REJECTION)
    if not found:
        return ticket
    return replace(ticket, findings=tuple(dict.fromkeys((*ticket.findings, *found))))

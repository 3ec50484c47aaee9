"""Contacts: a conversation that has ended and in which an agent took part, with what it came to."""

import msgspec

from pipeline.kpis.measure import duration, share
from schemas.kpis import Kpi, Measures
from schemas.quality import ServiceSummary
from schemas.vocabulary import ChannelClass, Level

# A ticket's text and an answer's comment are read like chats, but nobody called because of them.
_NO_CONTACTS = (ChannelClass.TICKET, ChannelClass.FEEDBACK)
_CHANNELS: dict[ChannelClass | None, str] = {
    channel: f"contacts.{channel}" for channel in ChannelClass if channel not in _NO_CONTACTS
}
_YES, _NO = share(1, 1), share(0, 1)  # made once: every conversation comes along here
_COMPLAINTS = frozenset({Level.EXPLICIT, Level.HIGH_RISK})


class EndedContact(msgspec.Struct, frozen=True, gc=False, tag_field="schema", tag=ServiceSummary.SCHEMA):
    """Of a summary only what is counted: reading it takes a fifth of the time, and every conversation has one."""

    revision: int
    occurred_at: int
    level: Level = Level.NONE
    highest_level: Level = Level.NONE
    first_response_ms: int | None = None
    contacts_72h: int | None = None
    channel: ChannelClass | None = None
    region: str = ""
    test: str = ""


def measures_of_contact(summary: ServiceSummary | EndedContact) -> Measures:
    """What one contact adds. Later revisions of its summary, drills, tickets and answers add nothing."""
    channel = _CHANNELS.get(summary.channel)
    if channel is None or summary.revision != 1 or summary.test:
        return {}
    is_complaint = summary.highest_level in _COMPLAINTS
    complaint = _YES if is_complaint else _NO
    measures: Measures = {
        Kpi.COMPLAINT_RATE_B: complaint,
        Kpi.DISSATISFIED_RATE_B: _NO if summary.highest_level is Level.NONE else _YES,
        channel: complaint,
    }
    if is_complaint:
        measures[Kpi.SAVED] = _NO if summary.level in _COMPLAINTS else _YES
    if summary.first_response_ms is not None:
        measures[Kpi.FIRST_RESPONSE] = duration(summary.first_response_ms)
    if summary.contacts_72h is not None:
        measures[Kpi.REPEAT_CONTACT] = _YES if summary.contacts_72h > 1 else _NO
    return measures

"""Contacts: a conversation that has ended and in which an agent took part, with what it came to."""

from pipeline.kpis.measure import duration, share
from schemas.kpis import Kpi, Measures
from schemas.quality import ServiceSummary
from schemas.vocabulary import ChannelClass, Level

# A ticket's text and an answer's comment are read like chats, but nobody called because of them.
_NO_CONTACTS = frozenset({ChannelClass.TICKET, ChannelClass.FEEDBACK, None})


def measures_of_contact(summary: ServiceSummary) -> Measures:
    """What one contact adds. Later revisions of its summary, drills, tickets and answers add nothing."""
    if summary.revision != 1 or summary.test or summary.channel in _NO_CONTACTS:
        return {}
    highest = summary.highest_level.rank
    complaint = share(int(highest >= Level.EXPLICIT.rank), 1)
    measures: Measures = {
        Kpi.COMPLAINT_RATE_B: complaint,
        Kpi.DISSATISFIED_RATE_B: share(int(highest >= Level.POTENTIAL.rank), 1),
        f"contacts.{summary.channel}": complaint,
    }
    if complaint.total:
        measures[Kpi.SAVED] = share(int(summary.level.rank < Level.EXPLICIT.rank), 1)
    if summary.first_response_ms is not None:
        measures[Kpi.FIRST_RESPONSE] = duration(summary.first_response_ms)
    if summary.contacts_72h is not None:
        measures[Kpi.REPEAT_CONTACT] = share(int(summary.contacts_72h > 1), 1)
    return measures

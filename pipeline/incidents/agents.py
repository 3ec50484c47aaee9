"""One agent, several complaints within minutes, whatever their regions: that is a matter of its own.

`domain.md` 3.4: of three explicit complaints about one agent within ten minutes the on-call chain is told.
"""

import msgspec
from msgspec.structs import replace

from pipeline.conversation.ids import event_hash, fingerprint, record_id
from pipeline.rises import became_complaint
from pipeline.stage import Output
from pipeline.times import MINUTE_MS
from schemas.alerts import Alert
from schemas.crossings import AgentComplaint
from schemas.topics import ALERTS, CROSSINGS
from schemas.vocabulary import RISES, AlertKind, Level

COMPLAINTS = 3
WITHIN_MINUTES = 10


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """A conversation that became a complaint."""

    at_ms: int
    conversation_id: str


class AgentRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of one agent."""

    heard: tuple[Heard, ...] = ()  # of the last minutes, in order of time
    region: str = ""  # of the first alert: later ones go there too, to the incident that it opened


def is_complaint(alert: Alert) -> bool:
    """Whether a conversation with an agent became a complaint just now."""
    return bool(alert.agent_id) and alert.kind in RISES and became_complaint(alert)


def complaint_of(alert: Alert) -> Output:
    """It goes to where the agent's complaints of every region come together."""
    value = AgentComplaint(
        agent_id=alert.agent_id,
        alert_id=alert.alert_id,
        conversation_id=alert.conversation_id,
        region=alert.region,
        occurred_at=alert.occurred_at,
        emitted_at=alert.emitted_at,
        queue=alert.queue,
        reasons=alert.reasons,
        tenant=alert.tenant,
        test=alert.test,
    )
    return Output(CROSSINGS, alert.agent_id.encode(), value)


def heard(row: AgentRow, complaint: AgentComplaint) -> tuple[AgentRow, Alert | None]:
    """The row with a complaint more; an alert where it makes them three, which are then counted anew."""
    known = {each.conversation_id: each for each in row.heard}
    known.setdefault(complaint.conversation_id, Heard(complaint.occurred_at, complaint.conversation_id))
    newest_ms = max(each.at_ms for each in known.values())
    lately = sorted(
        (each for each in known.values() if each.at_ms > newest_ms - WITHIN_MINUTES * MINUTE_MS),
        key=lambda each: (each.at_ms, each.conversation_id),
    )
    if len(lately) < COMPLAINTS:
        return replace(row, heard=tuple(lately)), None
    told = AgentRow(region=row.region or complaint.region)
    return told, _alert(complaint, lately, region=told.region)


def _alert(complaint: AgentComplaint, lately: list[Heard], *, region: str) -> Alert:
    name = event_hash(complaint.agent_id).hex()  # ids of incidents stand on the board, and agents' do not
    return Alert(
        alert_id=record_id(AlertKind.AGENT_COMPLAINTS, name, complaint.alert_id),
        kind=AlertKind.AGENT_COMPLAINTS,
        region=region,
        fingerprint=fingerprint(AlertKind.AGENT_COMPLAINTS, name),
        occurred_at=lately[-1].at_ms,
        emitted_at=complaint.emitted_at,
        level=Level.EXPLICIT,
        previous_level=Level.NONE,
        reasons=complaint.reasons,
        tags=tuple(each.conversation_id for each in lately),
        queue=complaint.queue,
        agent_id=complaint.agent_id,
        count=len(lately),
        tenant=complaint.tenant,
        test=complaint.test,
    )


def alerted(alert: Alert) -> Output:
    """The alert, on its way back to its region."""
    return Output(ALERTS, alert.region.encode(), alert)

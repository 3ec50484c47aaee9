"""Hints that come with an alert about a deadline: of a ticket, of a promise. Who wrote the alert has the words."""

from pipeline.conversation.ids import fingerprint
from pipeline.stage import Output
from schemas.alerts import Alert
from schemas.hints import Hint
from schemas.topics import HINTS
from schemas.vocabulary import Level


def hint_about(alert: Alert, *, advice: str, advice_en: str) -> Output:
    """What the agent of an alert reads, in both languages; where no conversation is known, under the ticket's id."""
    hint = Hint(
        hint_id=fingerprint("hint", alert.alert_id),
        agent_id=alert.agent_id,
        conversation_id=alert.conversation_id or alert.ticket_id,
        level=alert.level or Level.NONE,
        reasons=(),
        advice=advice,
        advice_en=advice_en,
        occurred_at=alert.occurred_at,
        emitted_at=alert.emitted_at,
        evidence=alert.evidence,
        kind=alert.kind,
        alert_id=alert.alert_id,
        ticket_id=alert.ticket_id,
        region=alert.region,
        tenant=alert.tenant,
        test=alert.test,
    )
    return Output(HINTS, alert.agent_id.encode(), hint)

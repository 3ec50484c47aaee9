"""Linking: whoever takes an incident in hand acts on each of its complaints, and on the tickets that they moved."""

from pipeline.incidents.case import Case
from pipeline.stage import Output
from pipeline.tickets.links import link_of_alert
from schemas.actions import Action
from schemas.links import Acknowledgement, LinkedAcknowledgement
from schemas.topics import LINKS
from schemas.vocabulary import RISES


def acknowledged(case: Case, action: Action, *, now_ms: int) -> list[Output]:
    """One record for each complaint that a case holds now; of what is no complaint none."""
    if case.alert.kind not in RISES:
        return []
    acknowledgement = Acknowledgement(
        incident_id=case.incident_id,
        level=case.level,
        action_id=action.action_id,
        action=action.action,
        actor=action.actor,
    )
    return [
        Output(
            LINKS,
            link.encode(),
            LinkedAcknowledgement(
                link=link,
                alert_id=alert_id,
                acknowledgement=acknowledgement,
                occurred_at=now_ms,
                test=case.alert.test,
                emitted_at=now_ms,
            ),
        )
        for alert_id in case.members
        for link in (link_of_alert(alert_id),)
    ]

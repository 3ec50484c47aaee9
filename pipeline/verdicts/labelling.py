"""Labelling: a verdict finds the alert that it is about, whichever of the two is read first.

A verdict on an incident of several alerts says nothing about any one of them, so it makes no label.
"""

from collections.abc import Iterator
from typing import TypeVar

from schemas.actions import ActionKind
from schemas.alerts import Alert
from schemas.audits import ActionAudit, ActionResult
from schemas.incidents import Incident
from schemas.labels import VerdictLabel
from schemas.vocabulary import Level

Kept = TypeVar("Kept")

_TAKEN = frozenset({ActionResult.TAKEN, ActionResult.UNCHANGED})
REMEMBERED_MAX = 200_000  # alerts, incidents and verdicts each; the oldest are forgotten


class Labelling:
    """What has been read so far."""

    def __init__(self, *, with_text: bool, remembered_max: int = REMEMBERED_MAX) -> None:
        self._with_text = with_text
        self._most = remembered_max
        self._alerts: dict[str, Alert] = {}
        self._alone: dict[str, str] = {}  # by incident: its only alert; "" where there are several
        self._incident: dict[str, str] = {}  # by alert: the incident in which it is alone
        self._verdicts: dict[str, ActionAudit] = {}  # the newest by alert, or by incident where that is all it names

    def take(self, value: Alert | Incident | ActionAudit) -> Iterator[VerdictLabel]:
        """The labels that a record leads to."""
        if isinstance(value, Alert):
            alert_id = "" if value.test else value.alert_id
            if alert_id:
                self._keep(self._alerts, alert_id, value)
        elif isinstance(value, Incident):
            alert_id = value.members[0] if value.count == 1 and value.members else ""
            self._joined(value.incident_id, alert_id)
        elif value.action is ActionKind.VERDICT and value.result in _TAKEN:
            subject = value.alert_id or value.incident_id
            known = self._verdicts.get(subject)
            if known is None or known.at <= value.at:
                self._keep(self._verdicts, subject, value)
            alert_id = value.alert_id or self._alone.get(subject, "")
        else:
            return
        alert = self._alerts.get(alert_id)
        named = (self._verdicts.get(each) for each in (alert_id, self._incident.get(alert_id, "")))
        found = [each for each in named if each is not None]
        if alert is not None and found:
            yield label(alert, max(found, key=lambda each: each.at), with_text=self._with_text)

    def _joined(self, incident_id: str, alone: str) -> None:
        """How an incident stands: a second alert makes it one of several."""
        self._incident.pop(self._alone.get(incident_id, ""), None)
        self._keep(self._alone, incident_id, alone)
        if alone:
            self._keep(self._incident, alone, incident_id)

    def _keep(self, known: dict[str, Kept], name: str, value: Kept) -> None:
        known.pop(name, None)
        known[name] = value
        if len(known) > self._most:
            del known[next(iter(known))]


def label(alert: Alert, verdict: ActionAudit, *, with_text: bool) -> VerdictLabel:
    """The label of an alert."""
    if verdict.verdict is None:
        raise ValueError("no verdict")
    said = {each.utterance_id for each in alert.evidence}
    is_one = len(said) == 1
    return VerdictLabel(
        alert_id=alert.alert_id,
        verdict=verdict.verdict,
        by=verdict.actor,
        at=verdict.at,
        kind=alert.kind,
        level=alert.level or Level.NONE,
        region=alert.region,
        occurred_at=alert.occurred_at,
        reasons=alert.reasons,
        rules=tuple(dict.fromkeys(each.rule for each in alert.evidence)),
        channel=alert.channel,
        conversation_id=alert.conversation_id,
        utterance_id=said.pop() if is_one else "",
        text=alert.evidence[0].text_masked if is_one and with_text else "",
        rules_version=alert.rules_version,
        model_version=alert.model_version,
        tenant=alert.tenant,
    )

"""Silences and inhibition: when somebody is not told, and because of what. Never where a person may come to harm."""

from collections.abc import Mapping, Sequence

from pipeline.incidents.grouping import drill_prefix, leading_reason
from pipeline.incidents.silences import Standing
from schemas.actions import Matcher
from schemas.alerts import Alert
from schemas.vocabulary import RISES, AlertKind, Level

LABELS = (
    "region",
    "city",
    "kind",
    "level",
    "reason",
    "queue",
    "channel",
    "product",
    "batch",
    "conversation_id",
    "ticket_id",
    "incident_id",
)


_ANY = "all"  # the surge of a place with all its reasons


def silenced_by(alert: Alert, silences: Sequence[Standing], *, incident_id: str, now_ms: int) -> Standing | None:
    """The silence that keeps an incident's alert quiet now, of several the one that lasts longest."""
    if alert.never_silenced or alert.kind is AlertKind.SELF_HARM:
        return None
    labels = {**labels_of(alert), "incident_id": incident_id}
    active = [
        each
        for each in silences
        if each.silence.starts_at <= now_ms < each.ends_at_ms and matches(each.silence.matchers, labels)
    ]
    return max(active, key=lambda each: (each.ends_at_ms, each.silence_id), default=None)


def matches(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether every matcher's label has its value; a label that does not exist matches nothing."""
    return all(labels.get(each.name) == each.value for each in matchers)


def labels_of(alert: Alert) -> dict[str, str]:
    """What of an alert silences can match on."""
    return {
        "region": alert.region,
        "city": alert.city,
        "kind": alert.kind.value,
        "level": (alert.level or Level.NONE).value,
        "reason": leading_reason(alert).value,
        "queue": alert.queue,
        "channel": alert.channel.value if alert.channel else "",
        "product": alert.product,
        "batch": alert.batch,
        "conversation_id": alert.conversation_id,
        "ticket_id": alert.ticket_id,
    }


def inhibits(alert: Alert) -> str:
    """What an open incident of this alert mutes, as a name; "" mutes nothing. A drill mutes nothing real."""
    name = _inhibits(alert)
    return f"{drill_prefix(alert)}{name}" if name else ""


def _inhibits(alert: Alert) -> str:
    if alert.kind is AlertKind.OUTBREAK and (alert.product or alert.batch):  # of one word, anything may be a member
        return f"outbreak:{_matter(alert)}"
    if alert.kind is AlertKind.NO_DATA:
        return "no_data"
    if alert.kind is AlertKind.SURGE and not alert.city:
        return f"surge:{_series(alert)}"
    if alert.level is Level.HIGH_RISK and alert.kind in RISES:
        return f"high_risk:{leading_reason(alert)}"
    return ""


def inhibited_by(alert: Alert, active: Mapping[str, int]) -> str:
    """Which name among the active ones of the alert's region mutes it; "" where none does."""
    if alert.never_silenced or alert.level is Level.HIGH_RISK:
        return ""
    candidates = []
    if alert.kind is AlertKind.LEVEL_RISE:
        candidates = [f"outbreak:{_matter(alert)}", f"high_risk:{leading_reason(alert)}"]
    elif alert.kind in {AlertKind.SURGE, AlertKind.RATE}:
        candidates = ["no_data"]
        if alert.city:  # its province has the same, or more of everything
            candidates += [f"surge:{_series(alert)}", f"surge:{_ANY}"]
    names = (f"{drill_prefix(alert)}{each}" for each in candidates)
    return next((each for each in names if active.get(each, 0) > 0), "")


def _series(alert: Alert) -> str:
    return alert.reasons[0].l1 if alert.reasons else _ANY


def _matter(alert: Alert) -> str:
    leaf = alert.reasons[0].l2 if alert.reasons else ""
    return f"{leaf}:{alert.product}:{alert.batch}"

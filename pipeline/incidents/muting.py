"""Silences and inhibition: when somebody is not told, and because of what. Never where a person may come to harm."""

from collections.abc import Collection, Mapping, Sequence

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


def may_harm(alert: Alert) -> bool:
    """Whether somebody may come to harm: nothing keeps such an alert quiet or puts it off."""
    return alert.never_silenced or alert.kind is AlertKind.SELF_HARM


def silenced_by(
    alert: Alert, silences: Sequence[Standing], *, incident_id: str, now_ms: int, mixed: Collection[str] = ()
) -> Standing | None:
    """The silence that keeps an incident quiet now, of several the one that lasts longest.

    `mixed` names labels that not all alerts of the incident share: a silence by one of them is not about all of it.
    """
    if may_harm(alert):
        return None
    shared = {name: value for name, value in labels_of(alert).items() if name not in mixed}
    labels = {**shared, "incident_id": incident_id}
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


def differing(one: Alert, other: Alert) -> frozenset[str]:
    """Labels by which two alerts differ. Their levels do not count: an incident has the gravest one."""
    mine, theirs = labels_of(one), labels_of(other)
    return frozenset(name for name, value in mine.items() if theirs[name] != value) - {"level"}


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


def inhibited_by(alert: Alert, active: Mapping[str, int], *, mixed: Collection[str] = ()) -> str:
    """Which name among the active ones of the alert's region mutes its incident; "" where none does.

    An outbreak of a product mutes no incident of several products: `mixed`, as in `silenced_by`.
    """
    if may_harm(alert) or alert.level is Level.HIGH_RISK:
        return ""
    candidates = []
    if alert.kind is AlertKind.LEVEL_RISE:
        candidates = [f"high_risk:{leading_reason(alert)}"]
        if not {"product", "batch"} & set(mixed):
            candidates.insert(0, f"outbreak:{_matter(alert)}")
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

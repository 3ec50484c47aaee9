"""Grouping: which incident an alert belongs to, and whether it may open one."""

import msgspec

from pipeline.surge.judge import Change
from schemas.alerts import Alert
from schemas.crossings import AgentComplaint
from schemas.vocabulary import AlertKind, Level, ReasonGroup

# What ends by itself, and says so.
_ENDING = frozenset(
    {
        AlertKind.SURGE,
        AlertKind.RATE,
        AlertKind.NO_DATA,
        AlertKind.OUTBREAK,
        AlertKind.SCORE_FALL,
        AlertKind.REVIEW_UNANSWERED,
    }
)


class Group(msgspec.Struct, frozen=True):
    """The incident that an alert belongs to."""

    key: str
    may_open: bool = True  # a potential complaint joins an incident and never opens one
    is_urgent: bool = False  # told at once: nobody waits for company
    is_over: bool = False  # what it was about has ended by itself, such as a surge


def group_of(alert: Alert) -> Group:
    """One incident per conversation at high risk; else region and reason together; other kinds by their fingerprint.

    A drill never shares an incident with the real thing.
    """
    prefix = drill_prefix(alert)
    if alert.kind is AlertKind.SELF_HARM or (alert.kind is AlertKind.LEVEL_RISE and alert.level is Level.HIGH_RISK):
        return Group(f"{prefix}conversation:{alert.conversation_id or alert.fingerprint}", is_urgent=True)
    if alert.kind is AlertKind.LEVEL_RISE:
        key = f"{prefix}region:{alert.region}:{leading_reason(alert)}"
        return Group(key, may_open=alert.level is Level.EXPLICIT)
    is_over = alert.kind in _ENDING and Change.RESOLVED in alert.tags
    return Group(f"{prefix}{alert.fingerprint}", is_urgent=alert.level is Level.HIGH_RISK, is_over=is_over)


def leading_reason(alert: Alert) -> ReasonGroup:
    """The reason that stands first; `other` where none was named."""
    return alert.reasons[0].l1 if alert.reasons else ReasonGroup.OTHER


def drill_prefix(alert: Alert | AgentComplaint) -> str:
    """What keeps names of a drill apart from those of the real thing, and of other drills."""
    return f"drill:{alert.test}:" if alert.test else ""

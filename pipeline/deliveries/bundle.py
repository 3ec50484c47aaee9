"""Bundles: several notifications for one receiver in one card; each of them is named, or counted where too many."""

from collections import Counter
from collections.abc import Sequence

from pipeline.conversation.ids import fingerprint, record_id
from pipeline.incidents.plan import GROUP
from pipeline.words import LEVELS
from schemas.cards import Card, Fact
from schemas.deliveries import Notification

_NAMED = 15
_MACHINES = frozenset({"pagerduty", "alertmanager"})
_WEBHOOK = "webhook"


def goes_alone(notification: Notification, *, kind: str) -> bool:
    """Whether a machine reads it, which goes by `dedup_key`: a bundle would open an incident there, and end none.

    A webhook for a person leads to SMS or voice: it is the person who reads, and has had enough at some time.
    """
    return kind in _MACHINES or (kind == _WEBHOOK and notification.to == GROUP)


def bundle_id(notifications: Sequence[Notification]) -> str:
    """The id of the message; of a single notification its own."""
    first = notifications[0].notification_id
    if len(notifications) == 1:
        return first
    return record_id("bundle", first, f"{len(notifications)}:{notifications[-1].notification_id}")


def bundled(notifications: Sequence[Notification]) -> Card:
    """One card for all of them; a single one keeps its own."""
    if len(notifications) == 1:
        return notifications[0].card
    gravest = max((each.card for each in notifications), key=lambda card: card.level.rank)
    levels = Counter(each.card.level for each in notifications)
    shown = [Fact(name=str(number), value=each.card.title) for number, each in enumerate(notifications[:_NAMED], 1)]
    if len(notifications) > _NAMED:
        shown.append(Fact(name="…", value=f"另有 {len(notifications) - _NAMED} 条，见看板"))
    drill = "【演练】" if notifications[0].test else ""
    parts = "，".join(f"{LEVELS[level]} {levels[level]} 条" for level in sorted(levels, key=lambda each: -each.rank))
    return Card(
        title=f"{drill}合并通知 {len(notifications)} 条｜{parts}",
        level=gravest.level,
        facts=tuple(shown),
        english=f"{len(notifications)} notifications in one",
        buttons=gravest.buttons,
    )


def dedup_key(notifications: Sequence[Notification]) -> str:
    """What makes messages of one incident belong together at the vendor's."""
    if len(notifications) == 1:
        return notifications[0].dedup_key
    return fingerprint("bundle", notifications[0].dedup_key)

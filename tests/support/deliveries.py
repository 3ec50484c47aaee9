"""Notifications as the office reads them, for tests of what becomes of them."""

from schemas.cards import Card
from schemas.deliveries import BudgetClass, Notification


def notice(number: int, **changes: object) -> Notification:
    """A notification to somebody on a robot, of an incident of its own; news for ever where nothing else is said."""
    fields = {
        "notification_id": f"n{number}",
        "channel": "robot",
        "to": "duty-1",
        "incident_id": f"i{number}",
        "step": 0,
        "budget_class": BudgetClass.NORMAL,
        "dedup_key": f"i{number}",
        "card": Card(title=f"card {number}"),
        "not_after": 4_102_444_800_000,
    }
    return Notification(**fields | changes)

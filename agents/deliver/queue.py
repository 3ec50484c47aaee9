"""The queue of a desk: what waits, and what of it may be tried now."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.deliveries import Notification


@dataclass(slots=True)
class Waiting:
    """One notification at a desk."""

    notification: Notification
    attempts: int = 0
    not_before_ms: int = 0
    is_under_way: bool = False


def free_of(waiting: Iterable[Waiting]) -> list[Waiting]:
    """What may be tried, in order of arrival: of one incident one at a time.

    A card is drawn anew after what came before it was sent, and before a newer card takes its place.
    """
    queue = list(waiting)
    under_way = {each.notification.incident_id for each in queue if each.is_under_way}
    before: dict[tuple[str, str], bool] = {}  # by incident and receiver: whether a card is to be drawn anew
    free = []
    for each in queue:
        notification = each.notification
        matter = (notification.incident_id, notification.to)
        is_behind = matter in before if notification.redraws else before.get(matter, False)
        if not is_behind and notification.incident_id not in under_way:
            free.append(each)
        # One that failed holds nobody up.
        before[matter] = before.get(matter, False) or (notification.redraws and not each.attempts)
    return free

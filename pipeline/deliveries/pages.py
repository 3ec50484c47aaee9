"""Pages: how often one person is told within an hour. High risk is never held back; the rest comes together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.incidents.plan import GROUP
from pipeline.times import HOUR_MS
from schemas.deliveries import BudgetClass, Notification


@dataclass(frozen=True, slots=True)
class Pages:
    """When each person was told last, over whichever channel, in order of time; a whole group is no person."""

    at_ms: Mapping[str, Sequence[int]] = field(default_factory=dict)
    per_hour: int = 10

    def room(self, to: str, *, now_ms: int) -> int:
        """How many more pages somebody gets now."""
        if to == GROUP:
            return 1_000_000
        return max(0, self.per_hour - sum(at_ms > now_ms - HOUR_MS for at_ms in self.at_ms.get(to, ())))

    def free_at_ms(self, notification: Notification, *, now_ms: int) -> int:
        """When a notification may go: now, or when its receiver has room again."""
        if notification.budget_class is BudgetClass.RESERVED or self.room(notification.to, now_ms=now_ms):
            return now_ms
        return self.at_ms[notification.to][-self.per_hour] + HOUR_MS

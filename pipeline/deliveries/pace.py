"""Pace: how many messages a channel takes in which time, as data, with a share that only the gravest may use."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.times import HOUR_MS, MINUTE_MS, SECOND_MS
from schemas.deliveries import BudgetClass

RESERVED_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Bucket:
    """At most `count` messages in any `period_ms`."""

    count: int
    period_ms: int

    def room_for(self, budget_class: BudgetClass) -> int:
        """What a class may use of it: everything for reserved, else all but the reserved share, at least one."""
        if budget_class is BudgetClass.RESERVED:
            return self.count
        return max(1, self.count - round(self.count * RESERVED_SHARE))


@dataclass(frozen=True, slots=True)
class Pace:
    """The buckets of one channel; all of them hold at once."""

    buckets: tuple[Bucket, ...] = ()

    @property
    def longest_ms(self) -> int:
        """How far back sent messages matter."""
        return max((bucket.period_ms for bucket in self.buckets), default=0)

    def free_at_ms(self, sent_at_ms: Sequence[int], budget_class: BudgetClass, *, now_ms: int) -> int:
        """When the next message of a class may go: `now_ms`, or the moment at which a bucket has room again.

        `sent_at_ms` is in order of time.
        """
        free_ms = now_ms
        for bucket in self.buckets:
            room = bucket.room_for(budget_class)
            if len(sent_at_ms) >= room:
                free_ms = max(free_ms, sent_at_ms[-room] + bucket.period_ms)
        return free_ms

    def room(self, sent_at_ms: Sequence[int], budget_class: BudgetClass, *, now_ms: int) -> int:
        """How many messages of a class may go now."""
        rooms = (
            bucket.room_for(budget_class) - sum(at_ms > now_ms - bucket.period_ms for at_ms in sent_at_ms)
            for bucket in self.buckets
        )
        return max(0, min(rooms, default=1_000_000))


# Below the vendors' own limits: they mute, drop or delay what is above, and their clocks are not ours.
PACES = {
    "dingtalk": Pace((Bucket(18, MINUTE_MS),)),  # 20 a minute, then mute for ten
    "dingtalk_notice": Pace((Bucket(60, MINUTE_MS),)),
    "dingtalk_card": Pace((Bucket(60, MINUTE_MS),)),
    "wecom": Pace((Bucket(18, MINUTE_MS),)),  # 20 a minute
    "wecom_app": Pace((Bucket(25, MINUTE_MS), Bucket(900, HOUR_MS))),  # 30 a minute and 1,000 an hour to one member
    "feishu": Pace((Bucket(4, SECOND_MS), Bucket(90, MINUTE_MS))),  # 5 a second, 100 a minute
    "feishu_app": Pace((Bucket(4, SECOND_MS), Bucket(600, MINUTE_MS))),
    "slack": Pace((Bucket(1, SECOND_MS),)),
    "apprise": Pace((Bucket(20, MINUTE_MS),)),  # as little as the most sparing service behind it
    "email": Pace((Bucket(60, MINUTE_MS),)),
    "webhook": Pace((Bucket(600, MINUTE_MS),)),
    "pagerduty": Pace((Bucket(120, MINUTE_MS),)),
    "alertmanager": Pace((Bucket(600, MINUTE_MS),)),
    "console": Pace(),
}


def pace_of(kind: str, per_minute: int | None) -> Pace:
    """The pace of a channel: what the operator says, else what its kind allows."""
    return PACES[kind] if per_minute is None else Pace((Bucket(per_minute, MINUTE_MS),))

"""How the engine reaches Kafka and how it is to behave there: plain values, made from the settings by `agents.app`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.topics import Topic

_GOLDEN = (5**0.5 - 1) / 2  # its multiples fall apart evenly, however many there are


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One cluster, one application on it. Durations are seconds."""

    bootstrap: str  # host:port, comma separated
    application_id: str
    topic_prefix: str = ""
    partitions: int = 4
    security: Mapping[str, Any] = field(default_factory=dict)  # keyword arguments of aiokafka's clients
    compression: str | None = None
    transaction_timeout_seconds: float = 15.0
    request_timeout_seconds: float = 40.0

    @property
    def client_options(self) -> dict[str, Any]:
        """What every aiokafka client of ours is started with."""
        return {
            "bootstrap_servers": self.bootstrap.split(","),
            "request_timeout_ms": int(self.request_timeout_seconds * 1000),
            **self.security,
        }

    def topic(self, topic: Topic) -> str:
        """The topic's name on the broker.."""
        return self.topic_prefix + topic.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much one turn takes and how often there is one."""

    max_turn_records: int = 10_000
    max_turn_bytes: int = 2 << 20  # of values of one topic
    # Many tiny transactions are slower than few full ones, for everybody: see engine.md, section 6.
    min_turn_seconds: float = 0.05
    position_seconds: float = 1.0  # the group's offsets are committed so often, and every position with them
    idle_position_seconds: float = 10.0  # the same where only ticks came
    give_up_seconds: float = 10.0  # a running turn must end within this when partitions are revoked
    recovery_seconds: float = 600.0

    @property
    def queued_records(self) -> int:
        """Per partition and topic; above it nothing more is fetched for it: one turn is taken, one waits."""
        return 2 * self.max_turn_records

    @property
    def queued_bytes(self) -> int:
        """The same in bytes."""
        return 2 * self.max_turn_bytes

    def next_turn_at(self, partition: int, started_at: float) -> float:
        """When the turn after one that began at `started_at` seconds may begin: half an interval to one and a half on.

        Each partition has its own places in time, one interval apart. The turns of all of them share a core, and what
        waits for the turn of its own partition should not wait for those of all the others as well.
        """
        interval = self.min_turn_seconds
        if not interval:
            return started_at
        earliest = started_at + interval / 2
        return earliest + (partition * _GOLDEN * interval - earliest) % interval

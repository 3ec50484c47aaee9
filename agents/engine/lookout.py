"""Listens for the broker, from before the first connection to the end, and has it said when it falls silent."""

import time
from typing import TYPE_CHECKING

from agents.broker_news import BrokerNews
from agents.engine.reach import News, Reach, is_heard

if TYPE_CHECKING:
    from agents.engine.batches import BatchConsumer, Behind


class Lookout:
    """Told once a second or so whether the broker is heard; a hiccup is not worth a word."""

    def __init__(self, bootstrap: str, *, meanwhile: str) -> None:
        self._reach = Reach()
        self._news = BrokerNews(bootstrap, meanwhile=meanwhile)

    def look(self, *, is_heard: bool) -> float:
        """For how many seconds it has been silent; 0 while that may be a hiccup."""
        changed = self._reach.look(is_heard=is_heard, now_seconds=time.monotonic())
        if changed is not None:
            what, seconds = changed
            if what is News.AWAY:
                self._news.away(silent_seconds=seconds)
            else:
                self._news.back()
        return self._reach.silent_seconds


class Ear:
    """Whether a worker's consumer hears its broker, as far as one look can tell."""

    def __init__(self) -> None:
        self._asks_since: float | None = None  # wall clock
        self._has_connected = False

    def hears(self, consumer: "BatchConsumer", behind: "Behind") -> bool:
        """Silence is no connection, or no answer for long after the consumer has asked for records or a connection."""
        has_connection, now = consumer.has_connection(), time.time()
        self._has_connected = self._has_connected or has_connection
        is_asking = consumer.is_fetching() or not self._has_connected
        self._asks_since = (self._asks_since or now) if is_asking else None
        return is_heard(
            has_connection=has_connection or not self._has_connected,
            is_fetching=is_asking,
            answer_age_seconds=now - max(behind.told_at_ms / 1000, self._asks_since or now),
        )

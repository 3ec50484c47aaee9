"""Watches the consumer for the broker's silence, from before the first connection to the end, and says what it sees."""

import time

import structlog

from agents.engine.batches import BatchConsumer, Behind
from agents.engine.reach import News, Reach, is_heard

log = structlog.get_logger("tocsin.engine")


class Lookout:
    """Looks whether the broker is heard of, and says what has changed."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._reach = Reach()
        self._asks_since: float | None = None  # wall clock
        self._has_connected = False

    def silent_seconds(self, consumer: BatchConsumer, behind: Behind) -> float:
        """For how long nothing was heard, as far as this look can tell; 0 while it may be a hiccup."""
        has_connection, now = consumer.has_connection(), time.time()
        self._has_connected = self._has_connected or has_connection
        is_asking = consumer.is_fetching() or not self._has_connected  # for records, or for a connection
        self._asks_since = (self._asks_since or now) if is_asking else None
        heard = is_heard(
            has_connection=has_connection or not self._has_connected,
            is_fetching=is_asking,
            answer_age_seconds=now - max(behind.told_at_ms / 1000, self._asks_since or now),
        )
        news = self._reach.look(is_heard=heard, now_seconds=time.monotonic())
        if news is not None:
            self._tell(*news)
        return self._reach.silent_seconds

    def _tell(self, what: News, seconds: float) -> None:
        if what is News.AWAY:
            meanwhile = "nothing is lost or counted twice: records wait in Kafka, and work goes on when it is back"
            log.error(what.value, broker=self._bootstrap, silent_seconds=round(seconds, 1), meanwhile=meanwhile)
        else:
            log.warning(what.value, broker=self._bootstrap, away_seconds=round(seconds, 1))

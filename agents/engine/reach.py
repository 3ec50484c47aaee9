"""Whether the broker is heard of: said once when it falls silent and once when it is heard again.

A fetch is answered many times a second, even where nothing came. So silence is no connection at all, or connections
that no answer comes through while somebody waits for one: a firewall, a broker that is frozen.
"""

from enum import StrEnum
from typing import Any

SILENT_AFTER_SECONDS = 3.0  # a broker that is merely restarted behind another address is heard again within it
ANSWERS_WITHIN_SECONDS = 10.0  # a fetch waits 20 ms for records; a busy broker takes seconds


class News(StrEnum):
    """What has changed."""

    AWAY = "broker_away"
    BACK = "broker_back"


class Reach:
    """Remembers since when nothing was heard. `now_seconds` is monotonic."""

    def __init__(self) -> None:
        self._silent_since: float | None = None
        self._is_told = False
        self.silent_seconds = 0.0  # as of the last look; 0 while the broker is heard, and until the silence counts

    def look(self, *, is_heard: bool, now_seconds: float) -> tuple[News, float] | None:
        """What is to be said now, with the seconds of silence; None where that is nothing."""
        if is_heard:
            since, self._silent_since = self._silent_since, None
            was_told, self._is_told, self.silent_seconds = self._is_told, False, 0.0
            return (News.BACK, now_seconds - since) if was_told and since is not None else None
        if self._silent_since is None:
            self._silent_since = now_seconds
        seconds = now_seconds - self._silent_since
        if seconds < SILENT_AFTER_SECONDS:
            return None
        self.silent_seconds = seconds
        if self._is_told:
            return None
        self._is_told = True
        return News.AWAY, seconds


def is_heard(*, has_connection: bool, is_fetching: bool, answer_age_seconds: float) -> bool:
    """Whether the broker answers, as far as one look can tell; nobody asked means nobody knows, which is no silence."""
    if not has_connection:
        return False
    return not is_fetching or answer_age_seconds <= ANSWERS_WITHIN_SECONDS


def has_connection(consumer: Any) -> bool:
    """Whether any broker of the cluster holds a connection with a consumer of aiokafka's."""
    return any(connection.connected() for connection in list(consumer._client._conns.values()))

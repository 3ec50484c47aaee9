"""What a process says of its broker: the same words in each of them, once when it is away and once when it is back."""

import time

import structlog

log = structlog.get_logger("tocsin.broker")


class BrokerNews:
    """Remembers what was said. Where nothing is known yet, nothing is said."""

    def __init__(self, bootstrap: str, *, meanwhile: str) -> None:
        self._bootstrap = bootstrap
        self._meanwhile = meanwhile  # what that means for whoever waits for this process
        self._away_since: float | None = None

    def away(self, *, silent_seconds: float = 0.0, error: BaseException | None = None) -> None:
        """It has not been heard for so long, or something that was asked of it has failed."""
        if self._away_since is not None:
            return
        self._away_since = time.monotonic() - silent_seconds
        why = {} if error is None else {"error": type(error).__name__}
        seconds = round(silent_seconds, 1)
        log.error("broker_away", broker=self._bootstrap, silent_seconds=seconds, meanwhile=self._meanwhile, **why)

    def back(self) -> None:
        """It answers."""
        if self._away_since is not None:
            seconds = round(time.monotonic() - self._away_since, 1)
            log.warning("broker_back", broker=self._bootstrap, away_seconds=seconds)
            self._away_since = None

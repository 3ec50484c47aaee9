"""Times as the log counts them, in milliseconds, and as people in China read them."""

from datetime import UTC, datetime, timedelta, timezone

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
CHINA = timezone(timedelta(hours=8))  # one zone for all of it, and no summer time since 1991


def in_china(at_ms: int) -> datetime:
    """A moment by the clocks of China."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(CHINA)


def heard_ms(occurred_at_ms: int, written_at_ms: int) -> int:
    """When something happened: what a fast clock of its sender says is yet to come happened when it was written.

    Where nobody knows when that was (0, or less), the sender is believed.
    """
    return min(occurred_at_ms, written_at_ms) if written_at_ms > 0 else occurred_at_ms

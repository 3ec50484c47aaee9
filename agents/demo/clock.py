"""The time of the sample day: moments are written as on a clock on the wall."""

from datetime import datetime, timedelta, timezone

MIDNIGHT = datetime(2026, 3, 16, tzinfo=timezone(timedelta(hours=8)))  # an ordinary Monday in Shanghai


def moment_ms(clock: str) -> int:
    """`08:30` of the day, in milliseconds since 1970."""
    hours, minutes = clock.split(":")
    return int((MIDNIGHT + timedelta(hours=int(hours), minutes=int(minutes))).timestamp() * 1000)

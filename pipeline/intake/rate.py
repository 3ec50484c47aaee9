"""How many requests a source may send: a bucket of tokens that fills with time."""

from typing import NamedTuple


class Bucket(NamedTuple):
    """What is left, and as of when."""

    tokens: float
    at_seconds: float


class Rate(NamedTuple):
    """So many a second, and so many at once after a pause."""

    per_second: float
    burst: int

    def full(self, *, now_seconds: float) -> Bucket:
        """A bucket that nobody has taken from."""
        return Bucket(float(self.burst), now_seconds)

    def take(self, bucket: Bucket, *, now_seconds: float) -> tuple[Bucket, float]:
        """Take one token; the bucket afterwards, and how many seconds to wait: 0 where there was one to take."""
        elapsed = max(0.0, now_seconds - bucket.at_seconds)
        tokens = min(float(self.burst), bucket.tokens + elapsed * self.per_second)
        if tokens < 1:
            return Bucket(tokens, now_seconds), (1 - tokens) / self.per_second
        return Bucket(tokens - 1, now_seconds), 0.0

"""Whether the board can be trusted: how old everything is, and one word for it. Grey, not green, when it cannot."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

HEARD_WITHIN_MS = 10_000  # the board asks the broker every two seconds
TICKED_WITHIN_MS = 20_000  # workers tick once a second
BEHIND_RECORDS = 5_000  # what a worker leaves waiting for more than a moment
SILENT_AFTER_MS = 10 * 60_000  # a source without an event for so long


class Trust(StrEnum):
    """Why the board may be believed or not; the first that applies."""

    LOADING = "loading"  # the log of the last day is still being read
    BROKER_AWAY = "broker_away"
    NO_WORKER = "no_worker"  # nobody ticks: what customers say is not being judged
    BEHIND = "behind"  # it is being judged, but late
    LIVE = "live"


class Flow(StrEnum):
    """Whether a source sends."""

    FRESH = "fresh"
    SILENT = "silent"
    EMPTY = "empty"  # nothing was ever seen
    UNKNOWN = "unknown"  # the broker was not asked yet, or is away


class Source(Struct, frozen=True):
    """One source topic: when its newest record was written, and how many wait for a worker since the look before."""

    newest_at: int | None = None
    waiting: int | None = None


class Facts(Struct, frozen=True, kw_only=True):
    """What the reader knows."""

    loaded: bool = False
    to_load: int = 0  # records that the board itself has still to read
    heard_at: int | None = None  # the broker last answered
    ticked_at: int | None = None  # the pipeline's clock was last seen to move
    sources: Mapping[str, Source] = {}
    refused: int = 0  # records on our topics that were none of ours


class SourceStatus(Struct, frozen=True, omit_defaults=True):
    """A source as it is shown."""

    topic: str
    flow: Flow
    newest_at: int | None = None
    waiting: int | None = None


class Status(Struct, frozen=True, kw_only=True):
    """The board's own state."""

    trust: Trust
    now: int
    heard_at: int | None
    ticked_at: int | None
    to_load: int
    refused: int
    sources: tuple[SourceStatus, ...]


def judge(facts: Facts, *, now_ms: int) -> Status:
    """One snapshot of facts at one moment."""
    trust = _trust(facts, now_ms)
    is_away = trust is Trust.BROKER_AWAY
    return Status(
        trust=trust,
        now=now_ms,
        heard_at=facts.heard_at,
        ticked_at=facts.ticked_at,
        to_load=facts.to_load,
        refused=facts.refused,
        sources=tuple(
            SourceStatus(topic, Flow.UNKNOWN if is_away else _flow(source, now_ms), source.newest_at, source.waiting)
            for topic, source in facts.sources.items()
        ),
    )


def _trust(facts: Facts, now_ms: int) -> Trust:
    if facts.heard_at is not None and now_ms - facts.heard_at > HEARD_WITHIN_MS:
        return Trust.BROKER_AWAY
    if not facts.loaded or facts.heard_at is None:
        return Trust.LOADING
    if facts.ticked_at is None or now_ms - facts.ticked_at > TICKED_WITHIN_MS:
        return Trust.NO_WORKER
    waiting = [source.waiting for source in facts.sources.values() if source.waiting is not None]
    return Trust.BEHIND if sum(waiting) > BEHIND_RECORDS else Trust.LIVE


def _flow(source: Source, now_ms: int) -> Flow:
    if source.newest_at is None:
        return Flow.EMPTY
    return Flow.FRESH if now_ms - source.newest_at <= SILENT_AFTER_MS else Flow.SILENT

"""What reading one text found: signs, guards that spoke, reasons. Plain values, from `tagging` to `conversation`."""

import msgspec

from schemas.vocabulary import Level, ThreatGroup

QUOTE_CHARS = 120


class Sign(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing in the text that counts: which rule saw it, where in the original text, and what it is worth."""

    rule: str  # `level.explicit:我要投诉`, `threat.regulator:12315`, `guard.rhetorical_positive`
    level: Level
    score: int  # inside the band of `level`
    start: int  # character offsets in the original text, end exclusive
    end: int
    quote: str = ""  # a masked excerpt around the hit, at most QUOTE_CHARS characters
    mark_start: int = 0  # where the hit stands inside `quote`
    mark_end: int = 0
    weight: float = 1.0  # the share of its points that `score` holds: less where the recogniser was unsure


class GuardHit(msgspec.Struct, frozen=True, gc=False):
    """A guard that decided a clause: `negated`, `inquiry`, `trap` …, and where."""

    guard: str
    start: int
    end: int


class Finding(msgspec.Struct, frozen=True, gc=False):
    """All that one text showed. A text that shows nothing has no finding."""

    level: Level
    score: int
    signs: tuple[Sign, ...] = ()
    reasons: tuple[str, ...] = ()  # leaf ids of the reason tree, in order of appearance
    keywords: tuple[str, ...] = ()
    guards: tuple[GuardHit, ...] = ()
    threats: tuple[ThreatGroup, ...] = ()
    tags: tuple[str, ...] = ()  # inquiry, repeat, threat, prepared, withdrawn, thanks, solved
    marks: tuple[Sign, ...] = ()  # conditions of rules that need more than this text; `rule` is the condition's name
    confidence: float | None = None  # probability that the text is at least of this level; None without a model
    truncated: bool = False  # the text was longer than MAX_TEXT_CHARS and was cut before it was read

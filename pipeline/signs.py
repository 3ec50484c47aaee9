"""From a reading to a finding: the arithmetic of the score, spans in the original text, masked quotes."""

from pipeline.conversation.state import PREPARED
from pipeline.findings import QUOTE_CHARS, Finding, GuardHit, Sign
from pipeline.reading import RawSign, Reading
from pipeline.rules.model import RulePack
from pipeline.text.normalize import Folded
from pipeline.text.redact import Redacted, carried, redact
from pipeline.watches.nature import RULE
from schemas.vocabulary import Level

MAX_SIGNS = 50
PREPARED_BONUS = 5  # talk of evidence alone is no threat; it raises what else is there
_CONTEXT_CHARS = 40


def once_each(signs: list[RawSign]) -> list[RawSign]:
    """The strongest first; signs of one rule count once, and so do signs of one level in the same place.

    What a rule of the user's own says is always told, also where the words of the pack say the same.
    """
    if len(signs) <= 1:
        return signs
    kept: list[RawSign] = []
    rules: set[str] = set()
    for sign in sorted(signs, key=lambda sign: (-sign.level.rank, -sign.score, sign.start - sign.end, sign.start)):
        if sign.rule in rules or len(kept) == MAX_SIGNS:
            continue
        if not sign.rule.startswith(RULE) and any(
            sign.level is other.level and sign.start < other.end and other.start < sign.end for other in kept
        ):
            continue
        rules.add(sign.rule)
        kept.append(sign)
    return kept


def score_of(signs: list[RawSign], pack: RulePack, *, is_prepared: bool) -> int:
    """The strongest sign plus half of the others, kept inside the band of the strongest sign's level."""
    if not signs:
        return 0
    if signs[0].level is Level.NONE:  # what an agent must not say is no complaint
        return 0
    low, high = pack.band(signs[0].level)
    total = signs[0].score + sum(sign.score for sign in signs[1:]) / 2 + (PREPARED_BONUS if is_prepared else 0)
    return max(low, min(high, round(total)))


def finding_of(reading: Reading, folded: Folded, pack: RulePack) -> Finding | None:
    """The finding of a reading; None when nothing was found."""
    signs = once_each(reading.signs)
    if not signs and not reading.tags and not reading.guards and not reading.marks:
        return None
    guards = tuple(
        [GuardHit(spoke.guard, *folded.origin(spoke.start, spoke.end)) for spoke in reading.guards[:MAX_SIGNS]]
    )
    if not signs and not reading.marks:  # nothing to quote, so nothing to mask
        return Finding(
            level=Level.NONE,
            score=0,
            guards=guards,
            threats=tuple(reading.threats),
            tags=tuple(reading.tags),
            truncated=folded.truncated,
        )
    redacted = redact(folded.original)
    words = [sign.word for sign in signs]
    if redacted.spans:
        masked = carried(redacted, folded)
        words = [word_masked(sign.word, sign.start, sign.end, folded, masked) for sign in signs]
    return Finding(
        level=signs[0].level if signs else Level.NONE,
        score=score_of(signs, pack, is_prepared=PREPARED in reading.tags),
        signs=tuple([quoted(sign, folded, redacted) for sign in signs]),
        reasons=tuple(reading.reasons),
        keywords=tuple(dict.fromkeys([*words, *reading.reason_words])),
        guards=guards,
        threats=tuple(reading.threats),
        tags=tuple(reading.tags),
        marks=tuple([quoted(mark, folded, redacted) for mark in reading.marks]),
        truncated=folded.truncated,
    )


def word_masked(word: str, start: int, end: int, folded: Folded, masked: Redacted) -> str:
    """A word that was found, masked as in its text; a phrase of the pack that stands elsewhere is nobody's number."""
    if folded.text[start:end] != word:
        return redact(word).text
    start, end = masked.masked(start, end)
    return redact(masked.text[start:end]).text


def quoted(sign: RawSign, folded: Folded, redacted: Redacted) -> Sign:
    """A sign with its place in the original text and a masked excerpt around it."""
    start, end = folded.origin(sign.start, sign.end)
    mark_start, mark_end = redacted.masked(start, end)
    mark_end = min(mark_end, mark_start + QUOTE_CHARS)
    first = max(0, min(mark_start - _CONTEXT_CHARS, len(redacted.text) - QUOTE_CHARS, mark_start))
    first = max(first, mark_end - QUOTE_CHARS)
    quote = redacted.text[first : first + QUOTE_CHARS]
    return Sign(sign.rule, sign.level, sign.score, start, end, quote, mark_start - first, mark_end - first)

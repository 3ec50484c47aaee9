"""Why a text has its level: what fires, which guard spoke, what was dropped and why, and the score's arithmetic."""

import msgspec

from pipeline.conversation.advice import Advice, AdviceBook
from pipeline.conversation.state import CUSTOMER_TYPE, PREPARED, tagged_with
from pipeline.findings import Finding
from pipeline.learned.scorer import MODEL_ONLY
from pipeline.learned.view import LearnedView, view_of
from pipeline.rules.model import RulePack
from pipeline.signs import PREPARED_BONUS, finding_of, word_masked
from pipeline.tagging import Tagger
from pipeline.text.redact import Redacted, carried, redact
from schemas.vocabulary import Level, Role


class Part(msgspec.Struct, frozen=True):
    """One addend of the score."""

    rule: str
    score: int
    weight: float  # 1 for the strongest sign, 0.5 for the others


class DroppedHit(msgspec.Struct, frozen=True):
    """A phrase that was found and does not count."""

    rule: str
    word: str
    start: int
    end: int
    why: str


class Explanation(msgspec.Struct, frozen=True):
    """All that led to a level. `text` is masked; `marks` are places of evidence in it."""

    text: str
    role: Role
    level: Level
    score: int
    finding: Finding | None
    parts: tuple[Part, ...]
    band: tuple[int, int]
    dropped: tuple[DroppedHit, ...]
    marks: tuple[tuple[int, int], ...]
    conditions: tuple[str, ...]  # `rule/condition` of each that the text meets, of rules that look beyond one text
    folded: str  # what the rules saw
    rules_version: str
    learned: LearnedView | None = None  # what the model beside the rules said; None without one
    advice: Advice | None = None  # what the card of an agent would say; None where there is nothing to advise


def explain(tagger: Tagger, text: str, role: Role = Role.CUSTOMER) -> Explanation:
    """Why this text has its level."""
    folded, reading = tagger.read(text, role)
    ruled = finding_of(reading, folded, tagger.pack)
    (finding,) = tagger.tag([text], [role])
    redacted = redact(folded.original)
    masked = carried(redacted, folded)
    level = finding.level if finding else Level.NONE
    dropped = []
    for hit in reading.dropped:
        start, end = folded.origin(hit.start, hit.end)
        dropped.append(
            DroppedHit(hit.rule, word_masked(hit.word, hit.start, hit.end, folded, masked), start, end, hit.why)
        )
    return Explanation(
        text=redacted.text,
        role=role,
        level=level,
        score=finding.score if finding else 0,
        finding=finding,
        parts=_parts(finding),
        band=tagger.pack.band(level),
        dropped=tuple(dict.fromkeys(dropped)),
        marks=_marks(finding, redacted),
        conditions=_conditions(finding, tagger.pack),
        folded=redact(masked.text).text,
        rules_version=tagger.pack.version,
        learned=None if tagger.scorer is None or role is not Role.CUSTOMER else view_of(tagger.scorer, folded, ruled),
        advice=_advice(tagger, finding) if role is Role.CUSTOMER else None,
    )


def _parts(finding: Finding | None) -> tuple[Part, ...]:
    """What the score is the sum of; the strongest sign counts whole, every other one half. The model's stands alone."""
    if finding is None or finding.level is Level.NONE:
        return ()
    if MODEL_ONLY in finding.tags:
        return (Part(finding.signs[0].rule, finding.score, 1.0),)
    parts = [Part(sign.rule, sign.score, 1.0 if place == 0 else 0.5) for place, sign in enumerate(finding.signs)]
    if PREPARED in finding.tags:
        parts.append(Part("bonus.prepared", PREPARED_BONUS, 1.0))
    return tuple(parts)


def _advice(tagger: Tagger, finding: Finding | None) -> Advice | None:
    """The card for what one text shows; a conversation's own card also knows what was said before."""
    if finding is None:
        return None
    kinds = tagged_with(finding.tags, CUSTOMER_TYPE)
    if finding.level is Level.NONE and not kinds:
        return None
    return AdviceBook.of(tagger.pack).advise(finding.level, finding.threats, kinds[-1] if kinds else "")


def _conditions(finding: Finding | None, pack: RulePack) -> tuple[str, ...]:
    """Conditions that ask the same share a key, which says what is asked and not who asks it."""
    met = {mark.rule for mark in finding.marks} if finding else set()
    return tuple(f"{rule.id}/{each.name}" for rule in pack.rules for each in rule.conditions if each.key in met)


def _marks(finding: Finding | None, redacted: Redacted) -> tuple[tuple[int, int], ...]:
    """Where evidence stands in the masked text; overlapping places are one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(redacted.masked(sign.start, sign.end) for sign in (finding.signs if finding else ())):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)

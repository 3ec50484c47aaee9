"""Conversations under rules that may be swapped: the pack in force judges, a shadow pack reads along and is counted."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from pipeline.conversation.fold import fold
from pipeline.conversation.heard import Heard, ReadsTexts, hear_events, texts_of
from pipeline.conversation.lookups import Lookups
from pipeline.rulebook import STATE_KEY, Rulebook, tell
from pipeline.stage import Batch, Effects, Rows
from schemas.rules import Disagreement, RulesState, ShadowCount
from schemas.topics import MESSAGES, RULES_PACKS, TICKS, UTTERANCES
from schemas.vocabulary import Level, Role

NEWEST = 20  # disagreements that are named
TELL_EVERY_MS = 15_000
_SAID = (UTTERANCES, MESSAGES)


class Ruleset(NamedTuple):
    """One rule pack at work: what reads texts, and the tables that belong to it."""

    tagger: ReadsTexts
    lookups: Lookups


def fold_ruled(batch: Batch, rows: Rows[Any], *, rulebook: Rulebook[Ruleset]) -> Effects[Any]:
    """`fold` by the rules that the partition's log has put in force."""
    if batch.topic is RULES_PACKS:
        return rulebook.take(batch, rows)
    live, shadow = rulebook.live(rows), rulebook.shadow(rows)
    is_said = batch.topic in _SAID
    if is_said and (batch.readings is None or batch.read_by != live.lookups.rules_version):
        # Nobody has read ahead, or a pack was swapped since.
        batch = batch._replace(readings=hear_events(batch.events, reader=live.tagger))
    effects: Effects[Any] = fold(batch, rows, lookups=live.lookups)
    if shadow is not None:
        state = rulebook.state(rows, batch.partition)
        if batch.topic is TICKS:
            _tell_counts(effects, state, [tick.now_ms for tick in batch.events])
        elif is_said:
            counted = counted_beside(batch, shadow.tagger, state.counted or ShadowCount())
            effects.changes[STATE_KEY] = replace(state, counted=counted)
    return effects


def counted_beside(batch: Batch, shadow: ReadsTexts, counted: ShadowCount) -> ShadowCount:
    """The count with a batch in it: what the live pack found there, and what the shadow pack finds.

    Both are asked of single texts. Rules that look beyond one are not counted on either side: a back-test plays them.
    """
    places, texts, roles = texts_of(batch.events)
    readings: Sequence[Heard | None] = batch.readings or ()
    pairs: Counter[tuple[Level, Level]] = Counter()
    failed, newest = 0, counted.newest
    for place, other in zip(places, _levels_found(shadow, texts, roles), strict=True):
        if other is None:
            failed += 1
            continue
        heard = readings[place]
        level = Level.NONE if heard is None or heard.finding is None else heard.finding.level
        pairs[level, other] += 1
        if level is not other:
            newest += (Disagreement(event_id=batch.events[place].event_id, live=level, shadow=other),)
    levels = dict(counted.levels)
    for (level, other), count in pairs.items():
        levels[f"{level}/{other}"] = levels.get(f"{level}/{other}", 0) + count
    return ShadowCount(
        texts=counted.texts + len(texts),
        failed=counted.failed + failed,
        levels=dict(sorted(levels.items())),
        newest=newest[-NEWEST:],
    )


def _levels_found(reader: ReadsTexts, texts: Sequence[str], roles: Sequence[Role]) -> list[Level | None]:
    """What level a reader finds in each text; None for a text that it breaks on, which hurts nobody."""
    try:
        return [Level.NONE if finding is None else finding.level for finding in reader.tag(texts, roles)]
    except Exception:  # noqa: BLE001  (a draft of rules must not keep the rules in force from working)
        if len(texts) <= 1:
            return [None] * len(texts)
    return [found for text, role in zip(texts, roles, strict=True) for found in _levels_found(reader, [text], [role])]


def _tell_counts(effects: Effects[Any], state: RulesState, ticks_ms: Sequence[int]) -> None:
    """Once in a while, what the shadow pack has come to."""
    for now_ms in ticks_ms:
        if now_ms - state.at >= TELL_EVERY_MS:
            state = replace(state, at=now_ms)
            tell(effects, state)

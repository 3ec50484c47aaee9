"""One turn, or the end, of a conversation: what the rules remember of it, and which of them fire.

`(remembered, turn) -> (remembered, fired)`. Event time only: where batches end changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from pipeline.conversation.demand import likeness, sentence_sketch
from pipeline.findings import Sign
from pipeline.watches.followed import Asked, Followed, rules_of
from pipeline.watches.judged import Judged, judge
from pipeline.watches.model import Condition, Operator, Place, Rule
from pipeline.watches.state import (
    MAX_FAILED,
    MAX_KEPT,
    MAX_PLACED,
    MAX_SAID,
    EveryTurn,
    Kept,
    Placed,
    SaidBefore,
    Seen,
    Watched,
    remembered,
)
from pipeline.watches.waits import Wait, answer, expire, wait_for, was_said
from schemas.vocabulary import Role

_SHORTEST_SENTENCE = 4


class Turn(msgspec.Struct, frozen=True, gc=False):
    """What was said, as far as rules ask about it."""

    utterance_id: str
    at_ms: int
    number: int  # counted from 1, both sides together
    role: Role
    text: str
    is_revision: bool = False
    spoken_ms: int = 0  # how long it took, as far as the source tells
    silence_ms: int | None = None
    overlap_ms: int | None = None
    speech_rate: float | None = None
    volume_db: float | None = None


class Ground(msgspec.Struct, frozen=True, gc=False):
    """The conversation around a turn."""

    started_at_ms: int
    now_ms: int
    turns: int
    attribute: Callable[[str], str]
    has_ended: bool = False
    ends_now: bool = False  # with this event; what follows the end is late, and does not end it again
    agent_since_ms: int = 0  # an agent's first words before this turn


class Fired(msgspec.Struct, frozen=True, gc=False):
    """A rule that fired, and the turn that shows why; without one where the whole conversation does."""

    rule: Rule
    seen: Seen | None


def follow(
    followed: Followed, watched: Watched | None, turn: Turn | None, marks: Iterable[Sign], *, ground: Ground
) -> tuple[Watched, list[Fired]]:
    """Take one turn in, or only the time that has passed; `marks` are the conditions that its text meets."""
    if watched is None:
        watched = begun(followed, ground, turn)
    if turn is not None and turn.is_revision:
        watched = _forgotten(watched, turn.utterance_id)
    now: dict[str, Seen] = {}
    if turn is not None:
        if followed.from_agent and turn.role is Role.AGENT:
            watched = _with_agent(followed, watched, turn, ground)
        now = _met(followed, watched, turn, marks, ground)
        watched = _noted(followed, watched, turn, now, ground)
    waits, missed = expire(watched.waits, now_ms=ground.now_ms, has_ended=ground.has_ended)
    if missed:
        watched = replace(watched, waits=waits)
    asked = rules_of(followed, [*now, *(wait.what for wait in missed)])
    if turn is not None:
        asked += [rule for rule in followed.each_turn.get(turn.role, ()) if rule not in asked]
    if ground.ends_now:
        asked += [rule for rule in followed.at_end if rule not in asked]
    if not asked:
        return watched, []
    judged = Judged(watched, turn, now, {wait.what: wait for wait in missed}, ground)
    fired = [Fired(rule, found.seen) for rule in asked if is_in_force(rule, ground) and (found := judge(rule, judged))]
    earlier = tuple(
        Kept(each.rule.id, each.seen)
        for each in fired
        if each.seen is not None and (turn is None or each.seen.utterance_id != turn.utterance_id)
    )
    if earlier:
        watched = replace(watched, kept=(*watched.kept, *earlier)[-MAX_KEPT:])
    return watched, fired


def is_in_force(rule: Rule, ground: Ground) -> bool:
    """Whether a rule is valid at this time and meant for such conversations."""
    if rule.from_ms is not None and ground.now_ms < rule.from_ms:
        return False
    if rule.until_ms is not None and ground.now_ms >= rule.until_ms:
        return False
    return all(ground.attribute(name) in values for name, values in rule.only.items())


def begun(followed: Followed, ground: Ground, turn: Turn | None = None) -> Watched:
    """Nothing is remembered yet. Where others spoke before, the rules came later, and cannot tell what was not said."""
    if ground.turns > (turn is not None):
        return Watched()
    return _starting(Watched(), followed.from_start, ground.started_at_ms)


def _with_agent(followed: Followed, watched: Watched, turn: Turn, ground: Ground) -> Watched:
    """With the waits for what an agent owes, where these are an agent's first words."""
    if ground.agent_since_ms or watched.has_agent:
        return watched
    return replace(_starting(watched, followed.from_agent, turn.at_ms), has_agent=True)


def _starting(watched: Watched, awaited: Iterable[Asked], at_ms: int) -> Watched:
    """With the waits for what is due at the start."""
    waits = watched.waits
    for asked in awaited:
        waits = wait_for(waits, Wait(asked.key, "", at_ms, at_ms + asked.condition.within_ms))
    return replace(watched, waits=waits)


def _forgotten(watched: Watched, utterance_id: str) -> Watched:
    """Without what an older revision of an utterance showed."""
    return replace(
        watched,
        seen=tuple(each for each in watched.seen if each.utterance_id != utterance_id),
        waits=tuple(wait for wait in watched.waits if wait.cause != utterance_id),
        said=tuple(each for each in watched.said if each.utterance_id != utterance_id),
        every=tuple(
            replace(each, failed=tuple(name for name in each.failed if name != utterance_id)) for each in watched.every
        ),
    )


def _met(followed: Followed, watched: Watched, turn: Turn, marks: Iterable[Sign], ground: Ground) -> dict[str, Seen]:
    """The conditions that this turn meets, each where it may be met."""
    now = {mark.rule: shown(seen_in(turn, mark.rule), mark) for mark in marks}
    for asked in followed.of_voice:
        if turn.role in asked.condition.by and _is_beyond(asked.condition, turn):
            seen = seen_in(turn, asked.key)
            is_silence = asked.condition.operator is Operator.SILENCE
            now[asked.key] = replace(seen, began_ms=_silent_since(turn)) if is_silence else seen
    if followed.of_repeats:
        now |= {key: seen_in(turn, key) for key in _repeated(followed.of_repeats, watched, turn)}
    placed = followed.remembered
    return {key: seen for key, seen in now.items() if key not in placed or is_within(placed[key], seen, ground)}


def seen_in(turn: Turn, key: str) -> Seen:
    """A condition met by a turn, without a place in its text."""
    return Seen(key=key, utterance_id=turn.utterance_id, at_ms=turn.at_ms, turn=turn.number, role=turn.role)


def shown(seen: Seen, mark: Sign) -> Seen:
    """The same with its place and its quote."""
    return replace(
        seen, start=mark.start, end=mark.end, quote=mark.quote, mark_start=mark.mark_start, mark_end=mark.mark_end
    )


def _silent_since(turn: Turn) -> int:
    """When the silence before a turn began."""
    return turn.at_ms - turn.spoken_ms - (turn.silence_ms or 0)


def _is_beyond(condition: Condition, turn: Turn) -> bool:
    """Whether what the source measured lies beyond the limits of a condition."""
    measured: dict[Operator, Any] = {
        Operator.SILENCE: None if turn.silence_ms is None else turn.silence_ms / 1000,
        Operator.OVERLAP: None if turn.overlap_ms is None else turn.overlap_ms / 1000,
        Operator.SPEECH_RATE: turn.speech_rate,
        Operator.VOLUME: turn.volume_db,
    }
    value = measured[condition.operator]
    if value is None:
        return False
    return bool(
        (condition.over is not None and value > condition.over)
        or (condition.under is not None and value < condition.under)
    )


def _repeated(of_repeats: list[Asked], watched: Watched, turn: Turn) -> list[str]:
    """The conditions about repetition that this turn meets."""
    sentence = sentence_sketch(turn.text, min_chars=_SHORTEST_SENTENCE)
    if sentence is None:
        return []
    bits = int.from_bytes(sentence, "little")
    alike = [likeness(int.from_bytes(each.sketch, "little"), bits) for each in watched.said if each.role is turn.role]
    return [
        asked.key
        for asked in of_repeats
        if turn.role in asked.condition.by
        and len(turn.text) >= asked.condition.chars
        and 1 + sum(share >= asked.condition.share for share in alike) >= asked.condition.count
    ]


def _noted(followed: Followed, watched: Watched, turn: Turn, now: Mapping[str, Seen], ground: Ground) -> Watched:
    """What is remembered after this turn."""
    seen, said, every = watched.seen, watched.said, watched.every
    for key, each in now.items():
        if key in followed.remembered:
            seen = remembered(seen, each)
    if followed.of_repeats:
        sentence = sentence_sketch(turn.text, min_chars=_SHORTEST_SENTENCE)
        if sentence is not None:
            said = _said(said, SaidBefore(turn.role, turn.utterance_id, sentence))
    if turn.number == ground.turns == 1:
        known = {each.key for each in every}
        every += tuple(EveryTurn(asked.key, has_turns=False) for asked in followed.of_every if asked.key not in known)
    for asked in followed.of_every:
        if turn.role in asked.condition.by and is_within(asked.condition, seen_in(turn, asked.key), ground):
            is_met = (asked.key in now) is not (asked.condition.operator is Operator.NONE)
            every = _counted(every, asked.key, "" if is_met else turn.utterance_id)
    watched = with_place(replace(watched, seen=seen, said=said, every=every), turn)
    return replace(watched, waits=_waits(followed, watched, turn, now)) if now else watched


def with_place(watched: Watched, turn: Turn) -> Watched:
    """With the place of one turn more; a corrected one has its place."""
    if any(each.utterance_id == turn.utterance_id for each in watched.placed):
        return watched
    place = Placed(turn.utterance_id, turn.number, turn.at_ms)
    return replace(watched, placed=(*watched.placed, place)[-MAX_PLACED:])


def _waits(followed: Followed, watched: Watched, turn: Turn, now: Iterable[str]) -> tuple[Wait, ...]:
    """The waits that this turn does not end, and those that it begins."""
    waits = watched.waits
    for key in now if waits else ():
        for asked in followed.answered_by.get(key, ()):
            waits, _ = answer(waits, asked.key, at_ms=turn.at_ms)
    for key in now:
        for asked in followed.waiting_on.get(key, ()):
            wait = Wait(asked.key, turn.utterance_id, turn.at_ms, turn.at_ms + asked.condition.within_ms)
            what = asked.rule.key(asked.condition.what)
            answers = [seen.at_ms for seen in watched.seen if seen.key == what]
            has_fired = any((kept.rule, kept.seen.utterance_id) == (asked.rule.id, wait.cause) for kept in watched.kept)
            if not has_fired and not was_said(answers, from_ms=wait.from_ms, until_ms=wait.until_ms):
                waits = wait_for(waits, wait)
    return waits


def _said(said: tuple[SaidBefore, ...], new: SaidBefore) -> tuple[SaidBefore, ...]:
    """With one more; the oldest of the same speaker goes, so that who is answered can repeat themselves as well."""
    same = [each for each in said if each.role is new.role]
    return (*(each for each in said if len(same) < MAX_SAID or each is not same[0]), new)


def _counted(every: tuple[EveryTurn, ...], key: str, failed: str) -> tuple[EveryTurn, ...]:
    """With one turn more. What a rule of a pack that came later asks of every turn nobody can know any more."""
    known = next((each for each in every if each.key == key), None)
    if known is None:
        return every
    failures = (*known.failed, failed)[:MAX_FAILED] if failed else known.failed
    return (*(each for each in every if each.key != key), EveryTurn(key, failures))


def is_within(condition: Condition, seen: Seen, ground: Ground) -> bool:
    """Whether a turn lies where a condition may be met, as far as that is known while it is said."""
    scope = condition.scope
    if scope.place is not Place.FIRST:
        return True
    return seen.turn <= scope.turns if scope.turns else seen.at_ms - ground.started_at_ms <= scope.within_ms

"""Whether a rule fires: the truth of each of its conditions now, and whether this turn is what made it true."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from pipeline.watches.model import END, OF_TIME, START, Condition, Operator, Place, Rule
from pipeline.watches.state import Seen, Watched
from pipeline.watches.waits import Wait
from schemas.vocabulary import Level, Role

if TYPE_CHECKING:
    from pipeline.watches.follow import Ground, Turn


class Judged(NamedTuple):
    """What is known when the rules are asked."""

    watched: Watched
    turn: "Turn | None"
    met: Mapping[str, Seen]  # the conditions that this turn meets
    missed: Mapping[str, Wait]  # the waits that ended in vain
    ground: "Ground"

    def seen(self, key: str) -> list[Seen]:
        """Turns that met a condition, the oldest first, as far as they are remembered."""
        return [each for each in self.watched.seen if each.key == key]


class Truth(NamedTuple):
    """A condition that holds."""

    seen: Seen | None  # the turn that shows it; None where the whole conversation does
    is_fresh: bool  # because of this turn, or of time that ran out now


class Found(NamedTuple):
    """A rule that fires, and its evidence."""

    seen: Seen | None


def judge(rule: Rule, judged: Judged) -> Found | None:
    """The rule fires when it holds, and would not hold without what is new."""
    truths = fresh = 0
    shown: list[Truth] = []
    for bit, name in enumerate(rule.when.names):
        truth = _truth(rule, rule.condition(name), judged)
        if truth is not None:
            truths |= 1 << bit
            fresh |= truth.is_fresh << bit
            shown.append(truth)
    if not rule.when.holds(truths) or rule.when.holds(truths & ~fresh):
        return None
    wants_customer = rule.then.level is not Level.NONE
    evidence = [(truth.seen, truth.is_fresh) for truth in shown if truth.seen is not None]
    if wants_customer and not any(seen.role is Role.CUSTOMER for seen, _ in evidence):
        own = {condition.key for condition in rule.conditions}
        evidence += [(seen, False) for seen in judged.watched.seen if seen.key in own]
    evidence.sort(
        key=lambda each: (wants_customer and each[0].role is not Role.CUSTOMER, not each[1], not each[0].quote)
    )
    return Found(evidence[0][0] if evidence else None)


def _truth(rule: Rule, condition: Condition, judged: Judged) -> Truth | None:
    if condition.operator in OF_TIME:
        return _said(rule, condition, judged) if condition.after else _said_before(rule, condition, judged)
    key = rule.key(condition.name)
    if condition.is_every:
        every = next((each for each in judged.watched.every if each.key == key), None)
        is_met = every is not None and every.has_turns and not every.failed
        return Truth(None, is_fresh=True) if judged.ground.has_ended and is_met else None
    if condition.operator is Operator.NONE:
        return _nothing_of(condition, key, judged)
    if condition.scope.place is Place.TURN:
        seen = judged.met.get(key)
        return None if seen is None else Truth(seen, is_fresh=True)
    return _placed(rule, condition, key, judged)


def _nothing_of(condition: Condition, key: str, judged: Judged) -> Truth | None:
    """A turn of the right speaker that holds none of the words."""
    turn, scope = judged.turn, condition.scope
    if turn is None or turn.role not in condition.by or key in judged.met:
        return None
    if scope.place is Place.FIRST and not (
        turn.number <= scope.turns if scope.turns else turn.at_ms - judged.ground.started_at_ms <= scope.within_ms
    ):
        return None
    return Truth(Seen(key, turn.utterance_id, turn.at_ms, turn.number, turn.role), is_fresh=True)


def _placed(rule: Rule, condition: Condition, key: str, judged: Judged) -> Truth | None:
    """A condition that is met somewhere in the conversation."""
    scope, ground, hits = condition.scope, judged.ground, judged.seen(key)
    anchor: Seen | None = None
    match scope.place:
        case Place.RECENT | Place.LAST:
            if scope.place is Place.LAST and not ground.has_ended:
                return None
            hits = [
                hit
                for hit in hits
                if (
                    hit.turn > ground.turns - scope.turns
                    if scope.turns
                    else hit.at_ms >= ground.now_ms - scope.within_ms
                )
            ]
        case Place.BEFORE | Place.AFTER | Place.AROUND:
            anchor = _anchor(judged.seen(rule.key(scope.anchor)), scope.hit)
            hits = [] if anchor is None else [hit for hit in hits if _is_beside(hit, anchor, condition)]
        case _:
            pass
    if not hits:
        return None
    is_fresh = hits[-1] is judged.met.get(key) or scope.place is Place.LAST
    if anchor is not None:
        is_fresh = is_fresh or anchor is judged.met.get(anchor.key)
    return Truth(hits[-1], is_fresh)


def _anchor(hits: list[Seen], number: int) -> Seen | None:
    if number < 0:
        return hits[-1] if hits else None
    return hits[number - 1] if len(hits) >= number else None


def _is_beside(hit: Seen, anchor: Seen, condition: Condition) -> bool:
    scope = condition.scope
    turns, after_ms = hit.turn - anchor.turn, hit.at_ms - anchor.at_ms
    if scope.place is Place.BEFORE:
        turns, after_ms = -turns, -after_ms
    elif scope.place is Place.AROUND:
        turns, after_ms = abs(turns), abs(after_ms)
    if turns < (scope.place is not Place.AROUND):
        return False
    return (not scope.turns or turns <= scope.turns) and (not scope.within_ms or after_ms <= scope.within_ms)


def _said(rule: Rule, condition: Condition, judged: Judged) -> Truth | None:
    """Said, or not said, within a time after something."""
    is_start = condition.after == START
    causes = [] if is_start else judged.seen(rule.key(condition.after))
    if condition.operator is Operator.NOT_SAID:
        wait = judged.missed.get(rule.key(condition.name))
        if wait is None:
            return None
        if not wait.cause:
            return Truth(None, is_fresh=True)
        cause = next((each for each in causes if each.utterance_id == wait.cause), None)
        return Truth(cause or Seen(rule.key(condition.after), wait.cause, wait.from_ms, 0), is_fresh=True)
    starts_ms = [judged.ground.started_at_ms] if is_start else [cause.at_ms for cause in causes]
    key = rule.key(condition.what)
    answers = [
        answer
        for answer in judged.seen(key)
        if any(0 <= answer.at_ms - start_ms <= condition.within_ms for start_ms in starts_ms)
    ]
    if not answers:
        return None
    new = None if is_start else judged.met.get(rule.key(condition.after))
    has_new_cause = new is not None and any(
        0 <= answer.at_ms - new.at_ms <= condition.within_ms for answer in answers
    )  # else the answer is that to an older cause, and was told then
    return Truth(answers[-1], answers[-1] is judged.met.get(key) or has_new_cause)


def _said_before(rule: Rule, condition: Condition, judged: Judged) -> Truth | None:
    """Said, or not said, within a time before something: known as soon as that comes."""
    end: Seen | None = None
    if condition.before == END:
        if not judged.ground.has_ended:
            return None
        until_ms = judged.ground.now_ms
    else:
        end = judged.met.get(rule.key(condition.before))
        if end is None:
            return None
        until_ms = end.at_ms
    found = [
        each for each in judged.seen(rule.key(condition.what)) if 0 <= until_ms - each.at_ms <= condition.within_ms
    ]
    if bool(found) is (condition.operator is Operator.NOT_SAID):
        return None
    return Truth(end or (found[-1] if found else None), is_fresh=True)

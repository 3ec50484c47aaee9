"""Whether a rule fires: the truth of each of its conditions now, and whether this turn is what made it true."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from pipeline.watches.followed import starts_with_agent
from pipeline.watches.model import END, OF_TIME, START, Condition, Operator, Place, Rule
from pipeline.watches.state import Seen, Watched
from pipeline.watches.waits import SLACK_MS, Wait
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
        return Truth(None, is_fresh=judged.ground.ends_now) if judged.ground.has_ended and is_met else None
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
            turns, now_ms = ground.turns, ground.now_ms
            if scope.place is Place.RECENT and judged.turn is not None:  # which may be a corrected one
                turns, now_ms = judged.turn.number, judged.turn.at_ms
            hits = [
                hit
                for hit in hits
                if (hit.turn > turns - scope.turns if scope.turns else hit.at_ms >= now_ms - scope.within_ms)
            ]
        case Place.BEFORE | Place.AFTER | Place.AROUND:
            anchor = _anchor(judged.seen(rule.key(scope.anchor)), scope.hit)
            hits = [] if anchor is None else [hit for hit in hits if _is_beside(hit, anchor, condition)]
        case _:
            pass
    if not hits:
        return None
    if scope.place is Place.LAST:
        return Truth(hits[-1], _is_new_at_end(hits, judged.met.get(key), ground))
    is_fresh = hits[-1] is judged.met.get(key)
    if anchor is not None:
        is_fresh = is_fresh or anchor is judged.met.get(anchor.key)
    return Truth(hits[-1], is_fresh)


def _is_new_at_end(hits: list[Seen], new: Seen | None, ground: "Ground") -> bool:
    """Told when the conversation ends; of what comes later only where nothing was to be told then."""
    return ground.ends_now or (len(hits) == 1 and hits[0] is new)


def _anchor(hits: list[Seen], number: int) -> Seen | None:
    hits = sorted(hits, key=lambda hit: (hit.at_ms, hit.turn))
    if number < 0:
        return hits[-1] if hits else None
    return hits[number - 1] if len(hits) >= number else None


def _is_beside(hit: Seen, anchor: Seen, condition: Condition) -> bool:
    """Whether a turn stands where a scope says. Times go first: what was said early may arrive late."""
    scope, turns = condition.scope, hit.turn - anchor.turn
    is_after = (hit.at_ms, hit.turn) > (anchor.at_ms, anchor.turn)
    if scope.place is not Place.AROUND and (not turns or is_after is not (scope.place is Place.AFTER)):
        return False
    apart_ms = hit.at_ms - anchor.at_ms if is_after else max(anchor.from_ms - hit.at_ms, 0)
    return (not scope.turns or abs(turns) <= scope.turns) and (not scope.within_ms or apart_ms <= scope.within_ms)


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
        role = rule.condition(condition.after).by[0]  # where the cause is forgotten: it was in the episode before
        return Truth(cause or Seen(rule.key(condition.after), wait.cause, wait.from_ms, 0, role), is_fresh=True)
    key = rule.key(condition.what)
    if is_start:  # what has an earlier time than the start was only heard of later
        until_ms = _start_ms(rule, condition, judged) + condition.within_ms
        answers = [answer for answer in judged.seen(key) if answer.at_ms <= until_ms]
    else:
        answers = [
            answer
            for answer in judged.seen(key)
            if any(0 <= answer.at_ms - cause.at_ms <= condition.within_ms for cause in causes)
        ]
    if not answers:
        return None
    new = None if is_start else judged.met.get(rule.key(condition.after))
    has_new_cause = new is not None and any(
        0 <= answer.at_ms - new.at_ms <= condition.within_ms for answer in answers
    )  # else the answer is that to an older cause, and was told then
    return Truth(answers[-1], answers[-1] is judged.met.get(key) or has_new_cause)


def _start_ms(rule: Rule, condition: Condition, judged: Judged) -> int:
    """What `after: start` counts from."""
    if not starts_with_agent(rule, condition):
        return judged.ground.started_at_ms
    now_ms = judged.ground.now_ms if judged.turn is None else judged.turn.at_ms
    return judged.ground.agent_since_ms or now_ms


def _said_before(rule: Rule, condition: Condition, judged: Judged) -> Truth | None:
    """Said, or not said, within a time before something: known as soon as that comes."""
    key, ground = rule.key(condition.what), judged.ground
    if condition.before == END:
        if not ground.has_ended:
            return None
        found = [each for each in judged.seen(key) if 0 <= ground.now_ms - each.at_ms <= condition.within_ms]
        if bool(found) is (condition.operator is Operator.NOT_SAID):
            return None
        return Truth(found[-1] if found else None, _is_new_at_end(found, judged.met.get(key), ground))
    end = judged.met.get(rule.key(condition.before))
    if end is None:
        return None
    slack_ms = SLACK_MS if end.began_ms else 0
    found = [each for each in judged.seen(key) if -slack_ms <= end.from_ms - each.at_ms <= condition.within_ms]
    return None if bool(found) is (condition.operator is Operator.NOT_SAID) else Truth(end, is_fresh=True)

"""What one sentence of an agent promises: actions of ours, each with its time.

A question, a refusal, a condition, an estimate, a rule of the house, what others do and what is already done are none.
"""

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from pipeline.promises import words
from pipeline.promises.clauses import Clause
from pipeline.promises.places import any_in
from pipeline.promises.when import Said, is_at_once, is_vague
from schemas.promises import PromiseKind, When

_KINDS = tuple(kind for kind, _ in words.ACTIONS)
_ACTION = re.compile(  # the characters with which actions begin keep `re` from trying every alternative at every place
    "(?=[上师工维购原安送给为帮替向对跟和与回打致电联退到返补重换发寄出赠赔优代抵用现红差您你妳答复告通反同有处解办修恢开落搞])(?:"
    + "|".join(f"(?P<{kind}>{pattern.pattern})" for kind, pattern in words.ACTIONS)
    + ")"
)
_WEAK = frozenset({PromiseKind.ANSWER, PromiseKind.HANDLE})  # told together with another kind they are part of it
_DONE_AT_ONCE = frozenset({PromiseKind.REFUND, PromiseKind.SHIP, PromiseKind.GIFT, PromiseKind.VISIT})
_CLAUSES_BEFORE = 2


class Found(NamedTuple):
    """A promise and where its action stands."""

    kind: PromiseKind
    when: When
    start: int  # in the folded text
    end: int


def promises_of(clauses: Sequence[Clause], actions: Sequence[int]) -> list[Found]:
    """The promises of one sentence, none behind a condition. `actions`: where words of action begin in the text."""
    found: list[Found] = []
    for number, clause in enumerate(takewhile(lambda each: not each.is_condition, clauses)):
        if not any_in(actions, clause.start, clause.start + len(clause.text)):
            continue
        for kind, start, end in _actions(clause.text):
            when = _when(kind, clauses, number, start)
            if when is None or not _is_ours(clause.text, start, end):
                continue
            if not clause.is_barred:
                found.append(Found(kind, when, clause.start + start, clause.start + end))
            break  # one clause promises one thing
    strong = [each for each in found if each.kind not in _WEAK]
    return strong or found[:1]


def _actions(text: str) -> list[tuple[PromiseKind, int, int]]:
    """What may be promised in a clause, in the order of `words.ACTIONS`."""
    found = [(PromiseKind(match.lastgroup or ""), match.start(), match.end()) for match in _ACTION.finditer(text)]
    return sorted(found, key=lambda each: (_KINDS.index(each[0]), each[1])) if len(found) > 1 else found


def _is_ours(text: str, start: int, end: int) -> bool:
    """Whether a clause speaks of something that we are going to do."""
    before, after = text[:start], text[end:]
    if words.NEGATION.search(before) or words.PAST.search(before) or words.HEDGE.search(text):
        return False
    if words.NOT_AFTER_ALL.search(after):
        return False
    if words.ALLOWED.search(text) or words.STATED.match(after) or words.NOUN.match(after):
        return False
    theirs = words.THIRD_PARTY.search(before)
    if theirs and not words.URGED.search(before[: theirs.start()]):
        return False
    asked = words.CUSTOMER_ACTS.search(text) or words.GIVE_US.search(text, 0, end)
    return asked is None or words.OURS.search(_without_us_as_objects(text), asked.end()) is not None


def _without_us_as_objects(text: str) -> str:
    """A request with what is asked for blotted out, place by place: what still speaks of us, we do."""
    for blotted in (words.TO_US, words.PRESSED):
        text = blotted.sub(lambda found: "_" * len(found[0]), text)
    return text


def _when(kind: PromiseKind, clauses: Sequence[Clause], number: int, start: int) -> When | None:
    """Until when the action of a clause is promised; None where nothing says that it is."""
    clause = clauses[number]
    if clause.times:
        return _nearest(clause.times, start) if clause.is_announced or kind is not PromiseKind.HANDLE else None
    if not clause.is_announced and kind is PromiseKind.HANDLE:
        return None
    for other in (*clauses[max(0, number - _CLAUSES_BEFORE) : number][::-1], *clauses[number + 1 : number + 2]):
        if other.times and not other.is_barred and _lends_time(other.text):
            return _nearest(other.times, 0)
    if not clause.is_announced:
        return None
    text = clause.text
    is_said = (
        is_vague(text)
        or (kind in _DONE_AT_ONCE and is_at_once(text))
        or (kind is PromiseKind.SHIP and words.SENT_AGAIN.search(text))
    )
    return When() if is_said else None


def _nearest(times: Sequence[Said], start: int) -> When:
    """The last time before a place, else the first after it."""
    before = [said for said in times if said.end <= start]
    return before[-1].when if before else times[0].when


def _lends_time(text: str) -> bool:
    """Whether a clause may say the time of its neighbour: it tells neither of the past nor of others' doings."""
    return not (
        words.PAST.search(text)
        or words.HEDGE.search(text)
        or words.NEGATION.search(text)
        or words.THIRD_PARTY.search(text)
        or words.CUSTOMER_ACTS.search(text)
        or words.GIVE_US.search(text)
    )

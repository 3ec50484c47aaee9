"""Find promises in what an agent says, and what either side says of promises that were made. Pure.

A whole batch of folded texts is asked for literal words in one pass; only a text that holds what it takes is read.

A promise is an action of ours for the customer (`words.ACTIONS`) with a time, exact or vague, in the same sentence, or
one that is plainly announced (会给您补发). A question, a refusal, a condition, an estimate, a rule of the house, what
others do and what is already done are none.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from pipeline.promises import stems, words
from pipeline.promises.talk import PromiseTalk
from pipeline.promises.when import Said, is_at_once, is_vague, whens
from pipeline.reading import RawSign
from pipeline.signs import quoted
from pipeline.text.normalize import Folded, FoldedBatch
from pipeline.text.redact import redact
from pipeline.text.scan import Hit, Scanner
from schemas.base import MAX_TEXT_CHARS
from schemas.promises import MadePromise, PromiseKind, Until, When
from schemas.vocabulary import Level, Role

# What a text must hold to be read: an agent's, a word of action and one of time or of the past (whose weight no number
# of actions comes up to); of a customer's, a word of what came or is waived.
_SCANNER = Scanner([*stems.PASTS, *stems.TIMES, *stems.ACTIONS, *stems.CUSTOMER])
_FIRST_TIME = len(stems.PASTS)
_FIRST_ACTION = _FIRST_TIME + len(stems.TIMES)
_TIME_WEIGHT = MAX_TEXT_CHARS * len(stems.ACTIONS)
_ENOUGH = _TIME_WEIGHT + 1
_OF_AGENTS = [_TIME_WEIGHT] * _FIRST_ACTION + [1] * len(stems.ACTIONS) + [0] * len(stems.CUSTOMER)
_OF_CUSTOMERS = [0] * (_FIRST_ACTION + len(stems.ACTIONS)) + [_ENOUGH] * len(stems.CUSTOMER)
_KINDS = tuple(kind for kind, _ in words.ACTIONS)
_ACTION = re.compile(  # the characters with which actions begin keep `re` from trying every alternative at every place
    "(?=[上师工维购原安送给为帮替向对跟和与回打致电联退到返补重换发寄出赠赔优代抵用现红差您你妳答复告通反同有处解办修恢开落搞])(?:"
    + "|".join(f"(?P<{kind}>{pattern.pattern})" for kind, pattern in words.ACTIONS)
    + ")"
)
_SENTENCE = re.compile(r"[^。!?;\n]+[。!?;\n]*")
_CLAUSE = re.compile(r"[^,]+")
_WEAK = frozenset({PromiseKind.ANSWER, PromiseKind.HANDLE})  # told together with another kind they are part of it
_DONE_AT_ONCE = frozenset({PromiseKind.REFUND, PromiseKind.SHIP, PromiseKind.GIFT, PromiseKind.VISIT})
_CLAUSES_BEFORE = 2
_START = itemgetter(1)


class _Found(NamedTuple):
    kind: PromiseKind
    when: When
    start: int  # in the folded text
    end: int


class _Clause:
    """A clause with what is harmless in it blotted out, place by place; questions about it are answered once."""

    def __init__(self, start: int, text: str, following: str, *, is_asked: bool) -> None:
        self.start, self.text = start, text
        self._following, self._is_asked = following, is_asked

    @cached_property
    def is_barred(self) -> bool:
        """Whether nothing is promised here, and no time of it counts for its neighbours."""
        return (
            self._is_asked
            or words.QUESTION.search(self.text) is not None
            or words.ASKED_AFTER.match(self._following) is not None
            or words.REPORTED.search(self.text) is not None
        )

    @cached_property
    def is_condition(self) -> bool:
        """Whether what follows holds only if something else does."""
        return words.CONDITION.search(self.text) is not None

    @cached_property
    def is_announced(self) -> bool:
        """Whether it says that we do something."""
        return words.OURS.search(self.text) is not None

    @cached_property
    def times(self) -> list[Said]:
        """Every exact time."""
        return whens(self.text)


def find(batch: FoldedBatch, roles: Sequence[Role]) -> dict[int, PromiseTalk]:
    """What the texts of customers and agents say of promises, by their places; nearly all of them say nothing."""
    weights = [_OF_CUSTOMERS if role is Role.CUSTOMER else _OF_AGENTS for role in roles]
    found = {}
    for place, hits in _SCANNER.scan_heavy(batch.texts, weights, enough=_ENOUGH):
        is_customer = roles[place] is Role.CUSTOMER
        talk = _of_customer(batch.texts[place]) if is_customer else _of_agent(batch, place, hits)
        if talk is not None:
            found[place] = talk
    return found


def find_agent(text: str) -> PromiseTalk | None:
    """What one text of an agent says of promises."""
    return find(FoldedBatch([text]), [Role.AGENT]).get(0)


def find_customer(text: str) -> PromiseTalk | None:
    """What one text of a customer says of promises that were made to them."""
    return find(FoldedBatch([text]), [Role.CUSTOMER]).get(0)


def _of_agent(batch: FoldedBatch, place: int, hits: Sequence[Hit]) -> PromiseTalk | None:
    text = batch.texts[place]
    pasts, times, actions = _places(hits)
    if not actions:
        return None
    found: dict[PromiseKind, _Found] = {}
    done: dict[PromiseKind, None] = {}
    for sentence in _SENTENCE.finditer(text):
        start, end = sentence.span()
        if _any_in(times, start, end) and _any_in(actions, start, end):
            for each in _promises(_clauses(sentence[0], start), actions):
                known = found.get(each.kind)
                if known is None or (known.when.measure is Until.VAGUE and each.when.measure is not Until.VAGUE):
                    found[each.kind] = each
        if _any_in(pasts, start, end):
            for clause in _CLAUSE.finditer(sentence[0]):
                if _any_in(pasts, start + clause.start(), start + clause.end()):
                    done |= dict.fromkeys(_deeds(clause[0].rstrip("。!;\n")))
    if not found and not done:
        return None
    return PromiseTalk(made=_made(batch[place], list(found.values())), done=tuple(done))


def _places(hits: Sequence[Hit]) -> tuple[list[int], list[int], list[int]]:
    """Where words of the past, of time and of action begin."""
    pasts: list[int] = []
    times: list[int] = []
    actions: list[int] = []
    for word, start, _ in sorted(hits, key=_START):
        (pasts if word < _FIRST_TIME else times if word < _FIRST_ACTION else actions).append(start)
    return pasts, times, actions


def _any_in(places: Sequence[int], start: int, end: int) -> bool:
    """Whether one of some places, which stand in order, lies in a stretch."""
    number = bisect_left(places, start)
    return number < len(places) and places[number] < end


def _of_customer(text: str) -> PromiseTalk | None:
    done: dict[PromiseKind, None] = {}
    released: dict[PromiseKind, None] = {}
    for clause in _CLAUSE.finditer(text.replace("。", ",").replace("!", ",")):
        if words.QUESTION.search(clause[0]):
            continue
        done |= dict.fromkeys(kind for kind, came in words.CAME if came.search(clause[0]))
        released |= dict.fromkeys(kind for kind, waived in words.WAIVED if waived.search(clause[0]))
    if not done and not released:
        return None
    return PromiseTalk(done=tuple(done), released=tuple(released))


def _clauses(sentence: str, at: int) -> list[_Clause]:
    blotted = words.HARMLESS.sub(lambda found: "_" * len(found[0]), sentence.rstrip("。!;\n "))
    parts = list(_CLAUSE.finditer(blotted))
    following = [part[0] for part in parts[1:]] + [""]
    return [
        _Clause(at + part.start(), part[0], after, is_asked=not after and blotted.endswith("?"))
        for part, after in zip(parts, following, strict=True)
    ]


def _promises(clauses: Sequence[_Clause], actions: Sequence[int]) -> list[_Found]:
    """The promises of one sentence, with the places in the text where words of action begin."""
    found: list[_Found] = []
    for number, clause in enumerate(clauses):
        if not _any_in(actions, clause.start, clause.start + len(clause.text)):
            continue
        for kind, start, end in _actions(clause.text):
            when = _when(kind, clauses, number, start)
            if when is None or not _is_ours(clause.text, start, end):
                continue
            if not clause.is_barred and not any(each.is_condition for each in clauses[: number + 1]):
                found.append(_Found(kind, when, clause.start + start, clause.start + end))
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
    asked = words.CUSTOMER_ACTS.search(text)
    return asked is None or words.OURS.search(text, asked.end()) is not None


def _when(kind: PromiseKind, clauses: Sequence[_Clause], number: int, start: int) -> When | None:
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
    )


def _deeds(text: str) -> Iterator[PromiseKind]:
    """What a clause says is done."""
    past, is_found_out = words.DONE.search(text), words.FOUND_OUT.search(text) is not None
    if past is None and not is_found_out:
        return
    if words.QUESTION.search(text) or words.NEGATION.search(text) or words.CONDITION.search(text):
        return
    if is_found_out:
        yield PromiseKind.ANSWER
    if past is None or words.REPORTED.search(text) or words.THIRD_PARTY.search(text, 0, past.start()):
        return
    for kind, pattern in words.DEEDS:
        action = pattern.search(text, past.start())
        if action is not None and not words.ONLY_ASKED_FOR.search(text, past.start(), action.start() + 4):
            yield kind
            return


def _made(folded: Folded, found: Sequence[_Found]) -> tuple[MadePromise, ...]:
    if not found:
        return ()
    redacted = redact(folded.original)
    made = []
    for each in found:
        word = folded.text[each.start : each.end]
        sign = quoted(RawSign(f"promise.{each.kind}", Level.NONE, 0, each.start, each.end, word), folded, redacted)
        made.append(
            MadePromise(
                kind=each.kind,
                when=each.when,
                char_start=sign.start,
                char_end=sign.end,
                quote=sign.quote,
                mark_start=sign.mark_start,
                mark_end=sign.mark_end,
            )
        )
    return tuple(made)

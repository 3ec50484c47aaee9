"""Find promises in what an agent says, and what either side says of promises that were made. Pure.

A whole batch of folded texts is asked for literal words in one pass; only a text that holds what it takes is read.

A promise is an action of ours for the customer (`words.ACTIONS`) with a time, exact or vague, in the same sentence, or
one that is plainly announced (会给您补发).
"""

import re
from collections.abc import Sequence
from operator import itemgetter

from pipeline.promises import stems
from pipeline.promises.clauses import CLAUSE, clauses_of
from pipeline.promises.deeds import customer_talk, deeds_of
from pipeline.promises.places import any_in
from pipeline.promises.sentence import Found, promises_of
from pipeline.promises.talk import PromiseTalk
from pipeline.reading import RawSign
from pipeline.signs import quoted
from pipeline.text.normalize import Folded, FoldedBatch
from pipeline.text.redact import redact
from pipeline.text.scan import Hit, Scanner
from schemas.base import MAX_TEXT_CHARS
from schemas.promises import MadePromise, PromiseKind, Until
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
_SENTENCE = re.compile(r"[^。!?;\n]+[。!?;\n]*")
_START = itemgetter(1)


def find(batch: FoldedBatch, roles: Sequence[Role]) -> dict[int, PromiseTalk]:
    """What the texts of customers and agents say of promises, by their places; nearly all of them say nothing."""
    weights = [_OF_CUSTOMERS if role is Role.CUSTOMER else _OF_AGENTS for role in roles]
    found = {}
    for place, hits in _SCANNER.scan_heavy(batch.texts, weights, enough=_ENOUGH):
        is_customer = roles[place] is Role.CUSTOMER
        talk = customer_talk(batch.texts[place]) if is_customer else _of_agent(batch, place, hits)
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
    found: dict[PromiseKind, Found] = {}
    done: dict[PromiseKind, None] = {}
    for sentence in _SENTENCE.finditer(text):
        start, end = sentence.span()
        if any_in(times, start, end) and any_in(actions, start, end):
            for each in promises_of(clauses_of(sentence[0], start), actions):
                known = found.get(each.kind)
                if known is None or (known.when.measure is Until.VAGUE and each.when.measure is not Until.VAGUE):
                    found[each.kind] = each
        if any_in(pasts, start, end):
            for clause in CLAUSE.finditer(sentence[0]):
                if any_in(pasts, start + clause.start(), start + clause.end()):
                    done |= dict.fromkeys(deeds_of(clause[0].rstrip("。!;\n")))
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


def _made(folded: Folded, found: Sequence[Found]) -> tuple[MadePromise, ...]:
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

"""What is said to be done: by an agent, and by a customer to whom it came or who no longer wants it."""

import re
from collections.abc import Iterator

from pipeline.promises import words
from pipeline.promises.talk import PromiseTalk
from schemas.promises import PromiseKind

_CLAUSE = re.compile(r"[^,。!?;\n]+\??")  # a question ends a clause, and is seen to be one


def deeds_of(text: str) -> Iterator[PromiseKind]:
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


def customer_talk(text: str) -> PromiseTalk | None:
    """What a folded text of a customer says of promises that were made; None where it says nothing."""
    done: dict[PromiseKind, None] = {}
    released: dict[PromiseKind, None] = {}
    clauses = _CLAUSE.findall(words.HARMLESS.sub(lambda found: "_" * len(found[0]), text))
    for clause, following in zip(clauses, [*clauses[1:], ""], strict=True):
        if words.QUESTION.search(clause):
            continue
        if not words.DENIED_AFTER.search(following):
            done |= dict.fromkeys(_came(clause))
        released |= dict.fromkeys(kind for kind, waived in words.WAIVED if waived.search(clause))
    if not done and not released:
        return None
    return PromiseTalk(done=tuple(done), released=tuple(released))


def _came(clause: str) -> Iterator[PromiseKind]:
    """What a customer says plainly has come: neither denied, demanded, waited for nor only heard of."""
    for kind, pattern in words.CAME:
        came = pattern.search(clause)
        if came is None or words.NEGATION.search(came[0]) or words.ONLY_THEN.match(clause, came.end()):
            continue
        if not words.NOT_SAID_TO_HAVE_COME.search(clause[: came.start()]):
            yield kind

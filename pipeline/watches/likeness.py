"""How alike two sentences are: pairs of neighbouring characters in common, counted in sets. Deterministic and cheap.

A sentence of a rule is compared only with texts that hold one of a few of its pairs, which the automaton finds: whoever
shares enough pairs with a sentence shares at least one of any choice that leaves out fewer than are needed.
"""

import re
from math import ceil

MAX_PARTS = 200  # sentences and clauses of one text that are compared; a longer text says its part before
_SENTENCES = re.compile(r"[^。!?;\n\r]+")
_CLAUSES = re.compile(r"[^。!?;,\n\r]+")
_RUNS = re.compile(r"\w+")
# Characters of every second sentence: a pair with one of them is a poor thing to look for.
_COMMON = frozenset("的了是我你们他不在有就这那个都也还要么吗呢吧啊和到给没会说人来去好上下一能可以什怎为")

Part = tuple[int, int, frozenset[str]]


def pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring letters, digits and Han characters; none across a space or a sign."""
    return frozenset(run[at : at + 2] for run in _RUNS.findall(text) for at in range(len(run) - 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Pairs in common, as a share of the mean of both, 0 to 1."""
    return 2 * len(one & other) / ((len(one) + len(other)) or 1)


def telling_pairs(sentence: str, share: float) -> tuple[str, ...]:
    """Pairs of which every text as alike as `share` holds at least one; the rarer ones are taken."""
    found = sorted(pairs(sentence), key=lambda pair: (sum(char in _COMMON for char in pair), pair))
    needed = ceil(share * len(found) / (2 - share) - 1e-9)  # of the pairs in common
    return tuple(found[: len(found) - max(needed, 1) + 1])


def parts(text: str) -> list[Part]:
    """The sentences of a text, and their clauses where there are several, each with its place and its pairs."""
    places = {match.span() for pattern in (_SENTENCES, _CLAUSES) for match in pattern.finditer(text)}
    return [(start, end, pairs(text[start:end])) for start, end in sorted(places)[:MAX_PARTS]]

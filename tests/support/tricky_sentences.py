"""Sentences that are easily misread, from tables by topic beside the tests of tagging.

`pairs/<topic>.tsv` holds two of a kind on a line, one that complains and one that does not, each after its level; what
stands after 客服: is said by an agent. `sentences/<topic>.tsv` holds single ones.
"""

from typing import NamedTuple

from schemas.vocabulary import Role
from tests.support.tree import ROOT

FOLDER = ROOT / "tests/pipeline/tagging"
_AGENT = "客服："


class Tricky(NamedTuple):
    """One sentence and who says it."""

    topic: str
    level: str
    text: str
    role: Role


def tricky_pairs() -> list[tuple[Tricky, Tricky]]:
    """Every pair, the one that complains first; raises ValueError where a line is none."""
    return [
        (_tricky(topic, level, text), _tricky(topic, other_level, other))
        for topic, (level, text, other_level, other) in _table("pairs")
    ]


def tricky_sentences() -> list[Tricky]:
    """All of them, those of pairs first."""
    singles = [_tricky(topic, level, text) for topic, (level, text) in _table("sentences")]
    return [each for pair in tricky_pairs() for each in pair] + singles


def _table(folder: str) -> list[tuple[str, list[str]]]:
    return [
        (path.stem, line.split("\t"))
        for path in sorted((FOLDER / folder).glob("*.tsv"))
        for line in path.read_text("utf-8").splitlines()
    ]


def _tricky(topic: str, level: str, text: str) -> Tricky:
    role = Role.AGENT if text.startswith(_AGENT) else Role.CUSTOMER
    return Tricky(topic, level, text.removeprefix(_AGENT), role)

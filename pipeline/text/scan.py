"""Find every phrase of the rule pack in a batch of texts with one pass of one automaton over the joined batch."""

from collections.abc import Iterator, Sequence

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from pipeline.text.normalize import SEPARATOR

Hit = tuple[int, int, int]  # index of the phrase, start and end in the folded text


class Scanner:
    """An automaton over phrases; overlapping hits are all found."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._find = AhoCorasick(
            list(phrases), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        ).find_matches_as_indexes

    def scan(self, texts: Sequence[str]) -> Iterator[tuple[int, list[Hit]]]:
        """The texts that hold phrases, by index, each with its hits in order of their ends."""
        matches = self._find(SEPARATOR.join(texts), overlapping=True)
        if not matches:
            return
        index, base = 0, 0
        limit = len(texts[0])  # where the current text ends in the joined one
        hits: list[Hit] = []
        for phrase, start, end in matches:
            if end > limit:
                if hits:
                    yield index, hits
                    hits = []
                while end > limit:
                    base = limit + 1
                    index += 1
                    limit = base + len(texts[index])
            hits.append((phrase, start - base, end - base))
        yield index, hits

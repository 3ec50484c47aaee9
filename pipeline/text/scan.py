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
        self._every = (1,) * len(phrases)

    def scan(self, texts: Sequence[str]) -> Iterator[tuple[int, list[Hit]]]:
        """The texts that hold phrases, by index, each with its hits in order of their ends."""
        return self.scan_heavy(texts, [self._every] * len(texts), enough=1)

    def scan_heavy(
        self, texts: Sequence[str], weights: Sequence[Sequence[int]], *, enough: int
    ) -> Iterator[tuple[int, list[Hit]]]:
        """The texts whose hits weigh `enough` together; `weights[text][phrase]` is the weight of one hit.

        Most texts hold some phrase and few are worth reading: only for those are hits collected.
        """
        matches = self._find(SEPARATOR.join(texts), overlapping=True)
        index, base, first, total = -1, 0, 0, 0
        limit = -1  # where the current text ends in the joined one
        weight: Sequence[int] = ()
        for number, (phrase, _, end) in enumerate(matches):
            if end > limit:
                if total >= enough:
                    yield index, _hits(matches[first:number], base)
                while end > limit:
                    base = limit + 1
                    index += 1
                    limit = base + len(texts[index])
                first, total, weight = number, 0, weights[index]
            total += weight[phrase]
        if total >= enough:
            yield index, _hits(matches[first:], base)


def _hits(matches: list[Hit], base: int) -> list[Hit]:
    return [(phrase, start - base, end - base) for phrase, start, end in matches]

"""Which conditions a text meets, and which rules that alone decides. Words come from the one pass of the automaton."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from pipeline.reading import RawSign, Reading
from pipeline.rules.expressions import Expressions, Verdict
from pipeline.watches.likeness import Part, likeness, pairs, parts
from pipeline.watches.model import OF_TEXT, Condition, Operator, Rule
from pipeline.watches.nature import RULE, asks_more_than_a_turn, effect_tags, words_of
from pipeline.watches.spacing import Span, in_order, near
from schemas.vocabulary import Level, Role

_MAX_WORD_CHARS = 60
_NO_PHRASES: dict[int, list[int]] = {}
_AS_THEY_STAND = frozenset({Operator.REGEX, Operator.SIMILAR})  # their words only say where to look closer


class _Asked(NamedTuple):
    """A condition, ready to be asked of a text for every rule that has it."""

    condition: Condition
    rules: list[int]
    words: frozenset[int]
    others: frozenset[int]
    parts: tuple[frozenset[int], ...]
    sentences: tuple[frozenset[str], ...]


class Marker:
    """The conditions of all rules, by the phrases that they look for."""

    def __init__(self, rules: Sequence[Rule], phrases: Sequence[str]) -> None:
        index = {phrase: number for number, phrase in enumerate(phrases)}
        self._rules = tuple(rules)
        self._is_kept = [asks_more_than_a_turn(rule) for rule in rules]
        self._asked: list[_Asked] = []
        self._places: list[dict[str, int]] = []  # of each rule: its conditions in `_asked`
        self._by_phrase: dict[Role, dict[int, list[int]]] = {Role.CUSTOMER: {}, Role.AGENT: {}}
        self._expressions = Expressions()
        by_key: dict[str, int] = {}
        for number, rule in enumerate(rules):
            self._places.append({})
            for condition in rule.conditions:
                if condition.operator not in OF_TEXT:
                    continue
                if condition.key not in by_key:
                    by_key[condition.key] = len(self._asked)
                    self._add(condition, index)
                self._places[number][condition.name] = by_key[condition.key]
                self._asked[by_key[condition.key]].rules.append(number)

    def _add(self, condition: Condition, index: Mapping[str, int]) -> None:
        def indexes(words: Iterable[str]) -> frozenset[int]:
            return frozenset(index[word] for word in words)

        is_similar = condition.operator is Operator.SIMILAR
        place = len(self._asked)
        asked = _Asked(
            condition=condition,
            rules=[],
            words=frozenset() if is_similar else indexes(condition.words),
            others=indexes(condition.others),
            parts=tuple(indexes(words) for words in condition.parts),
            sentences=tuple(pairs(each) for each in condition.words) if is_similar else (),
        )
        self._asked.append(asked)
        if condition.operator is Operator.REGEX:
            self._expressions.add(condition.key, condition.match, condition.unless)
        for role in condition.by:
            for phrase in indexes(words_of(condition)):
                self._by_phrase[role].setdefault(phrase, []).append(place)

    def mark(
        self,
        text: str,
        hits: Sequence[tuple[int, int, int]],
        role: Role,
        reading: Reading,
        *,
        real: Callable[[], Iterable[tuple[int, int, int]]],
    ) -> None:
        """Add to a reading the rules that the text alone decides, and the conditions that it meets of the others.

        `real` gives the hits without those in traps and in longer numbers; it is asked for once, where words count.
        """
        by_phrase = self._by_phrase.get(role, _NO_PHRASES)
        if by_phrase.keys().isdisjoint([phrase for phrase, _, _ in hits]):
            return
        raw = _gathered(by_phrase, hits)
        counted = _gathered(by_phrase, real())
        question = _Question(text, self._expressions)
        met: dict[int, Span] = {}
        for place in sorted(raw):
            asked = self._asked[place]
            found = raw if asked.condition.operator in _AS_THEY_STAND else counted
            span = question.answer(asked, found[place]) if place in found else None
            if span is not None:
                met[place] = span
        for number in sorted({number for place in met for number in self._asked[place].rules}):
            if not self._is_kept[number]:
                self._decide(number, text, met, role, reading)
        for place, (start, end) in met.items():
            asked = self._asked[place]
            if any(self._is_kept[number] for number in asked.rules):
                word = text[start : min(end, start + _MAX_WORD_CHARS)]
                reading.marks.append(RawSign(asked.condition.key, Level.NONE, 0, start, end, word))

    def _decide(self, number: int, text: str, met: Mapping[int, Span], role: Role, reading: Reading) -> None:
        rule, places = self._rules[number], self._places[number]
        truths, span = 0, None
        for bit, name in enumerate(rule.when.names):
            condition = rule.condition(name)
            is_met = places[name] in met
            if is_met is not (condition.operator is Operator.NONE) and role in condition.by:
                truths |= 1 << bit
            if is_met and span is None and condition.operator is not Operator.NONE:
                span = met[places[name]]
        if span is None or not rule.when.holds(truths):
            return
        start, end = span
        level, score = (rule.then.level, rule.then.score) if role is Role.CUSTOMER else (Level.NONE, 0)
        word = text[start : min(end, start + _MAX_WORD_CHARS)]
        reading.signs.append(RawSign(RULE + rule.id, level, score, start, end, word))
        for tag in effect_tags(rule.then, needs_review=rule.needs_review):
            reading.tag(tag)


def _gathered(
    by_phrase: Mapping[int, list[int]], hits: Iterable[tuple[int, int, int]]
) -> dict[int, list[tuple[int, int, int]]]:
    found: dict[int, list[tuple[int, int, int]]] = {}
    for hit in hits:
        for place in by_phrase.get(hit[0], ()):
            found.setdefault(place, []).append(hit)
    return found


class _Question:
    """One text, asked by several conditions; what is dear is worked out once."""

    def __init__(self, text: str, expressions: Expressions) -> None:
        self._text = text
        self._expressions = expressions
        self._verdict: Verdict | None = None
        self._parts: list[Part] | None = None

    def answer(self, asked: _Asked, hits: list[tuple[int, int, int]]) -> Span | None:
        """Where the text meets the condition; of `none`, where it does not."""
        condition = asked.condition
        match condition.operator:
            case Operator.ANY | Operator.NONE:
                return hits[0][1:]
            case Operator.ALL | Operator.AT_LEAST:
                needed = len(asked.words) if condition.operator is Operator.ALL else condition.count
                return hits[0][1:] if len({hit[0] for hit in hits}) >= needed else None
            case Operator.GAP:
                return in_order([[hit[1:] for hit in hits if hit[0] in part] for part in asked.parts], condition.chars)
            case Operator.NEAR | Operator.NOT_NEAR:
                words = [hit[1:] for hit in hits if hit[0] in asked.words]
                others = [hit[1:] for hit in hits if hit[0] in asked.others]
                return near(words, others, condition.chars, wanted=condition.operator is Operator.NEAR)
            case Operator.REGEX:
                return self._matched(condition.key)
            case _:
                return self._alike(asked)

    def _matched(self, key: str) -> Span | None:
        if self._verdict is None:
            self._verdict = self._expressions.read(self._text)
        return self._verdict.span(key) if self._verdict.says(key) else None

    def _alike(self, asked: _Asked) -> Span | None:
        if self._parts is None:
            self._parts = parts(self._text)
        best, where = 0.0, None
        for start, end, found in self._parts:
            alike = max(likeness(found, sentence) for sentence in asked.sentences)
            if alike > best:
                best, where = alike, (start, end)
        return where if best >= asked.condition.share - 1e-9 else None

"""What a complaint speaks of: the words of the reasons, looked for in complaining texts only.

`words` of a leaf tell it. `about` words stand in every second text, so they are no part of the automaton that reads all
of them; they tell the model what the text is about, and nobody else.
"""

from collections.abc import Sequence

from pipeline.learned.reasons import LABEL_OF_LEAF
from pipeline.rules.model import RulePack
from pipeline.text.scan import Hit, Scanner

_MANY = 9  # words of one class: more say nothing more


class Topics:
    """The words of the reasons of one rule pack."""

    def __init__(self, pack: RulePack) -> None:
        uses: dict[str, list[tuple[str, str]]] = {}
        for leaf in pack.reasons:
            label = LABEL_OF_LEAF.get(leaf.id, leaf.id)
            for word in leaf.words:
                uses.setdefault(word, []).append((label, ""))
            for word in leaf.about:
                uses.setdefault(word, []).append((label, f"about:{leaf.id}"))
        self._uses = tuple(uses.values())
        self._scanner = Scanner(tuple(uses))

    def heard(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """How much each folded text speaks of what, as features; a word counts once, however often it is said."""
        found: list[dict[str, float]] = [{} for _ in texts]
        for number, hits in self._scanner.scan(texts):
            found[number] = self._features(hits)
        return found

    def _features(self, hits: list[Hit]) -> dict[str, float]:
        features: dict[str, float] = {}
        counts: dict[str, int] = {}
        for word in dict.fromkeys(word for word, _, _ in hits):
            for label, about in self._uses[word]:
                counts[label] = counts.get(label, 0) + 1
                if about:
                    features[about] = 1.0
        total = sum(counts.values())
        for label, count in counts.items():
            features[f"words:{label}"] = min(count, _MANY) ** 0.5  # roots are the same on every machine
            features[f"share:{label}"] = count / total
        return features

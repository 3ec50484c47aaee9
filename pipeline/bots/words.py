"""The words of bots and of customers who have had enough of them, ready to be looked for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.rules.service import BotRules
from pipeline.text.script import either_script


@dataclass(frozen=True, slots=True, eq=False)
class BotWords:
    """What the section `bots` of a rule pack says, as expressions."""

    rules: BotRules
    person: re.Pattern[str]
    person_unless: re.Pattern[str]
    failing: re.Pattern[str]
    asking: re.Pattern[str]

    @classmethod
    def of(cls, rules: BotRules) -> "BotWords":
        """The words of a pack."""
        return cls(
            rules,
            _any_of(rules.person),
            _any_of(rules.person_unless),
            _any_of(rules.failing),
            _any_of(rules.asking),
        )

    def asks_for_person(self, text: str) -> bool:
        """Whether a customer wants a person; 不用转人工 wants none."""
        return bool(self.person.search(text)) and not self.person_unless.search(text)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(either_script, words)) or r"(?!)")


NO_WORDS = BotWords.of(BotRules())

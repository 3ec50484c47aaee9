"""What reading one folded text gave: signs, guards, tags, and what was dropped on the way and why."""

from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.hits import Dropped
from schemas.vocabulary import Level, ThreatGroup


class RawSign(NamedTuple):
    """A sign in the folded text."""

    rule: str
    level: Level
    score: int
    start: int
    end: int
    word: str


class GuardSpoke(NamedTuple):
    """A guard that decided a clause."""

    guard: str
    start: int
    end: int


@dataclass(slots=True)
class Reading:
    """A reading under way."""

    signs: list[RawSign] = field(default_factory=list)
    guards: list[GuardSpoke] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    threats: list[ThreatGroup] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    reason_words: list[str] = field(default_factory=list)
    marks: list[RawSign] = field(default_factory=list)  # conditions that are met, of rules that need more than a text

    def tag(self, name: str) -> None:
        """Add a tag once."""
        if name not in self.tags:
            self.tags.append(name)

    @property
    def level(self) -> Level:
        """The level of the strongest sign."""
        return max((sign.level for sign in self.signs), key=lambda level: level.rank, default=Level.NONE)

    def has_mood(self) -> bool:
        """Whether displeasure was found that is more than an enquiry or somebody else's story."""
        return any(sign.level is Level.POTENTIAL and not sign.rule.startswith("guard.") for sign in self.signs)

"""What the demo saw, counted: levels reached, delays, dead letters; against what the script says."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.alerts import Alert
from schemas.commands import Command
from schemas.feedback import FeedbackJudgement, FeedbackKind
from schemas.promises import Promise, PromiseState
from schemas.tagged import Sentiment
from schemas.vocabulary import Level


@dataclass(slots=True)
class Tally:
    """Counts so far."""

    levels: dict[str, Level] = field(default_factory=dict)  # the highest of each conversation
    regions: dict[str, str] = field(default_factory=dict)
    delays_ms: list[int] = field(default_factory=list)
    dead_letters: int = 0
    delivered: int = 0  # cards that a channel took
    promises: dict[str, PromiseState] = field(default_factory=dict)  # how each stands that an agent gave
    tickets: Counter[str] = field(default_factory=Counter)  # what was told and commanded of tickets, by its kind
    answers: dict[FeedbackKind, list[float]] = field(default_factory=lambda: {kind: [] for kind in FeedbackKind})
    comments: Counter[Sentiment] = field(default_factory=Counter)

    def alert(self, alert: Alert, *, seen_at_ms: int) -> None:
        """Count an alert that became visible at `seen_at_ms`."""
        self.delays_ms.append(max(0, seen_at_ms - alert.emitted_at))
        if alert.ticket_id:
            self.tickets[alert.kind] += 1
        if alert.conversation_id and alert.level is not None:
            known = self.levels.get(alert.conversation_id, Level.NONE)
            self.levels[alert.conversation_id] = max(known, alert.level, key=lambda level: level.rank)
            self.regions[alert.conversation_id] = alert.region

    def command(self, command: Command) -> None:
        """Count what the ticket system is told to do."""
        self.tickets[command.command] += 1

    def judgement(self, judgement: FeedbackJudgement) -> None:
        """Count an answer to a questionnaire, or a review."""
        if judgement.value is not None:
            self.answers[judgement.kind].append(judgement.value)
        if judgement.sentiment is not None:
            self.comments[judgement.sentiment] += 1

    def promise(self, promise: Promise) -> None:
        """Remember how a promise stands."""
        self.promises[promise.promise_id] = promise.state

    def reached(self, level: Level) -> int:
        """How many conversations ended at this level."""
        return sum(1 for found in self.levels.values() if found is level)

    def by_region(self) -> list[tuple[str, Counter[Level]]]:
        """Levels of each region, the gravest first."""
        counts: dict[str, Counter[Level]] = defaultdict(Counter)
        for conversation, level in self.levels.items():
            counts[self.regions[conversation]][level] += 1
        gravity = (Level.HIGH_RISK, Level.EXPLICIT, Level.POTENTIAL)
        return sorted(counts.items(), key=lambda item: [-item[1][level] for level in gravity])

    def misses(self, expected: Mapping[str, Level]) -> list[tuple[str, Level, Level]]:
        """Conversations and answers with the level that the script says and another one that they got."""
        found = [(each, level, self.levels.get(each, Level.NONE)) for each, level in expected.items()]
        return [miss for miss in found if miss[1] is not miss[2]]

    def delay_ms(self, share: float) -> int:
        """The delay that this share of the alerts did not exceed."""
        return quantile(self.delays_ms, share)


def quantile(values: Sequence[int], share: float) -> int:
    """The smallest value that at least `share` of the values do not exceed; 0 where there is none."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0

"""Levels after each turn of a finished dialogue, for `tocsin tag` and for evaluation: `step` with made-up times."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.conversation.heard import heard
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.reasons import longest_running
from pipeline.conversation.state import Conversation
from pipeline.conversation.step import step
from pipeline.findings import Finding
from pipeline.watches.nature import RULE
from schemas.calls import Utterance
from schemas.evidence import Evidence
from schemas.tagged import Tag
from schemas.vocabulary import Level, Role

TURN_MS = 5_000  # turns are five seconds apart, as in a call: nothing fades between them


class TurnLevels(NamedTuple):
    """Where a conversation stood after each turn, and at its end; `reasons` are leaves, the longest-running first.

    `fired` are the rules of the user's own that look beyond one text, each with the turn that completed it.
    """

    after: list[tuple[Level, int]]
    level: Level
    score: int
    reasons: tuple[str, ...]
    fired: tuple[tuple[int, Evidence], ...] = ()


def levels_of_turns(
    findings: Sequence[Finding | None],
    roles: Sequence[Role],
    texts: Sequence[str] = (),
    *,
    lookups: Lookups | None = None,
) -> TurnLevels:
    """Fold the findings of a dialogue's turns. `texts`, where given, let repeated demands be seen; none is kept.

    `lookups` hold the rules that look beyond one text.

    The turns are taken as final utterances of one call, five seconds apart, so that the result is that of the same
    dialogue sent through Kafka as a call of that pace.
    """
    row: Conversation | None = None
    after: list[tuple[Level, int]] = []
    fired: list[tuple[int, Evidence]] = []
    said = texts or [""] * len(roles)
    for number, (finding, role, text) in enumerate(zip(findings, roles, said, strict=True)):
        event = turn_event(number, role, text)
        row, outputs = step(
            row, event, heard(text, role, finding), lookups=lookups or _NO_LOOKUPS, emitted_at_ms=event.occurred_at
        )
        after.append((row.level, row.score))
        tags = [output.value for output in outputs if isinstance(output.value, Tag)]
        fired += [(number, each) for tag in tags for each in tag.evidence if each.rule.startswith(RULE)]
    if row is None:
        return TurnLevels([], Level.NONE, 0, ())
    return TurnLevels(after, row.level, row.score, longest_running(row.traces), tuple(fired))


def turn_event(number: int, role: Role, text: str) -> Utterance:
    """A turn as a final utterance of a call; its number, from 0, is its id."""
    at_ms = number * TURN_MS
    return Utterance(
        event_id=f"turn-{number}",
        source="turns",
        occurred_at=at_ms,
        conversation_id="turns",
        utterance_id=str(number),
        revision=0,
        is_final=True,
        role=role,
        text=text,
        start_ms=at_ms,
        end_ms=at_ms,
    )


_NO_LOOKUPS = Lookups()

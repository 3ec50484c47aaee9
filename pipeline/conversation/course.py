"""Why a dialogue stands where it stands, turn by turn: what each text shows, what it adds up to, and what was told."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from pipeline.conversation.heard import heard
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.score import Moment, judge
from pipeline.conversation.state import AGENT, CUSTOMER, NO_LEVEL, Conversation
from pipeline.conversation.step import step
from pipeline.conversation.turns import turn_event
from pipeline.explain import Explanation, explain
from pipeline.stage import Output
from pipeline.tagging import Tagger
from pipeline.text.letters import SURROGATE
from schemas.alerts import Alert
from schemas.evidence import ScorePart
from schemas.tagged import Tag
from schemas.vocabulary import AlertKind, Level, Role


class ToldAlert(msgspec.Struct, frozen=True):
    """An alert that a turn raised."""

    kind: AlertKind
    level: Level | None


class ExplainedTurn(msgspec.Struct, frozen=True):
    """One turn: its own text explained, and where the conversation stands after it."""

    number: int  # from 0; `utterance_id` of the parts names turns by it
    said: Explanation
    level: Level
    score: int
    parts: tuple[ScorePart, ...]  # the sum behind the score; empty where nothing was said that counts
    rules: tuple[str, ...]  # of the pack's rules over several turns, those that fired here
    alerts: tuple[ToldAlert, ...]


def is_read(role: Role) -> bool:
    """Whether anybody reads what this role says; bots and systems repeat what was written for them."""
    return role is CUSTOMER or role is AGENT


def whole(text: str) -> str:
    """The text as an event can carry it: half a character is none, and folding reads it so too."""
    return SURROGATE.sub("\ufffd", text)


def course_of(texts: Sequence[str], roles: Sequence[Role], tagger: Tagger, lookups: Lookups) -> list[ExplainedTurn]:
    """Every turn of a dialogue, taken as the final utterances of one call; a text may hold half characters."""
    texts = [whole(text) for text in texts]
    row: Conversation | None = None
    turns = []
    for number, (text, role) in enumerate(zip(texts, roles, strict=True)):
        said = explain(tagger, text, role) if is_read(role) else _unread(explain(tagger, text, role))
        event = turn_event(number, role, text)
        known = heard(text, role, said.finding) if is_read(role) else None
        row, outputs = step(row, event, known, lookups=lookups, emitted_at_ms=event.occurred_at)
        standing = judge(row.traces, row.demands, moment=Moment(row.last_at_ms, fades=False), held=row.level)
        turns.append(
            ExplainedTurn(
                number,
                said,
                row.level,
                row.score,
                standing.parts if standing.addends or standing.score else (),
                _rules_beyond(said, outputs),
                tuple(
                    ToldAlert(output.value.kind, output.value.level)
                    for output in outputs
                    if isinstance(output.value, Alert)
                ),
            )
        )
    return turns


def _unread(said: Explanation) -> Explanation:
    """The explanation of a text that nobody reads: it is masked, and shows nothing."""
    return replace(said, level=NO_LEVEL, score=0, finding=None, parts=(), dropped=(), marks=(), conditions=())


def _rules_beyond(said: Explanation, outputs: Sequence[Output]) -> tuple[str, ...]:
    """The rules behind the tags of a turn that its own text does not show, in their order."""
    own = {sign.rule for sign in said.finding.signs} if said.finding else set()
    rules = [each.rule for output in outputs if isinstance(output.value, Tag) for each in output.value.evidence]
    return tuple(dict.fromkeys(rule for rule in rules if rule not in own))

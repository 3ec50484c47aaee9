"""Trying a rule with its examples: a made-up conversation goes through the same steps as one from Kafka."""

from typing import Any, NamedTuple

from pipeline.conversation.heard import hear
from pipeline.conversation.lookups import lookups_of_pack
from pipeline.conversation.said import Event
from pipeline.conversation.state import Conversation
from pipeline.conversation.step import step
from pipeline.conversation.turns import TURN_MS
from pipeline.rules.model import RulePack
from pipeline.tagging import Tagger
from pipeline.watches.model import Example, ExampleTurn, Rule
from pipeline.watches.nature import RULE
from schemas.calls import CallLifecycle, CallPhase, Utterance
from schemas.chats import ChatChannel, ChatLifecycle, ChatMessage, ChatPhase, ContentType
from schemas.tagged import Tag
from schemas.vocabulary import ChannelClass, Level, Role

_NOON_MS = 1_763_697_600_000  # 2025-11-21 in China, for a rule that is always valid


class Outcome(NamedTuple):
    """What came of an example."""

    fired: tuple[str, ...]  # ids of rules, in the order in which they fired
    level: Level  # of the conversation, at its end


class Trial:
    """A pack at work on examples."""

    def __init__(self, pack: RulePack) -> None:
        self._tagger = Tagger(pack)
        self._lookups = lookups_of_pack(pack)

    def run(self, rule: Rule, example: Example) -> Outcome:
        """Play one example."""
        row: Conversation | None = None
        fired: list[str] = []
        for event in events_of(rule, example):
            text = getattr(event, "text", "")
            said = None
            if text:
                (said,) = hear([text], [getattr(event, "role", Role.CUSTOMER)], self._tagger)
            row, outputs = step(row, event, said, lookups=self._lookups, emitted_at_ms=event.occurred_at)
            for output in outputs:
                if isinstance(output.value, Tag):
                    fired += [
                        part.rule.removeprefix(RULE) for part in output.value.evidence if part.rule.startswith(RULE)
                    ]
        return Outcome(tuple(dict.fromkeys(fired)), row.level if row is not None else Level.NONE)


def events_of(rule: Rule, example: Example) -> list[Event]:
    """The turns of an example as events. The first is said while the rule is valid."""
    start_ms = rule.from_ms if rule.from_ms is not None else _NOON_MS
    if rule.from_ms is None and rule.until_ms is not None:
        start_ms = rule.until_ms - 24 * 3600 * 1000
    attributes = {"customer_tier" if name == "tier" else name: value for name, value in example.attributes}
    channel = attributes.pop("channel", ChannelClass.VOICE.value)
    events: list[Event] = []
    at_ms = start_ms - TURN_MS
    for number, turn in enumerate(example.turns):
        at_ms = at_ms + TURN_MS if turn.at_ms is None else start_ms + turn.at_ms
        known = {**_envelope(f"turn-{number}", at_ms), "role": turn.role, "text": turn.text, **attributes}
        events.append(_heard(known, turn) if channel == ChannelClass.VOICE else _written(known, channel))
    if example.has_ended and channel == ChannelClass.VOICE:
        events.append(CallLifecycle(phase=CallPhase.ENDED, **_envelope("end", at_ms)))
    elif example.has_ended:
        events.append(ChatLifecycle(phase=ChatPhase.ENDED, **_envelope("end", at_ms)))
    return events


def _envelope(event_id: str, at_ms: int) -> dict[str, Any]:
    return {"event_id": event_id, "source": "example", "occurred_at": at_ms, "conversation_id": "example"}


def _heard(known: dict[str, Any], turn: ExampleTurn) -> Utterance:
    return Utterance(
        utterance_id=known["event_id"],
        revision=0,
        is_final=True,
        start_ms=0,
        end_ms=0,
        silence_before_ms=turn.silence_ms,
        overlap_ms=turn.overlap_ms,
        speech_rate=turn.speech_rate,
        volume_db=turn.volume_db,
        **known,
    )


def _written(known: dict[str, Any], channel: str) -> ChatMessage:
    known.pop("batch", None)  # messages name no production batch
    return ChatMessage(
        message_id=known["event_id"],
        sender_id="example",
        channel=ChatChannel.EMAIL if channel == ChannelClass.EMAIL else ChatChannel.WEB,
        content_type=ContentType.TEXT,
        sent_at=known["occurred_at"],
        **known,
    )

"""Conversations made up for tests: events by a few words, findings by hand, and a driver that steps through them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from pipeline.conversation.advice import AdviceBook
from pipeline.conversation.heard import ReadsTexts, heard
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.ruled import Ruleset
from pipeline.conversation.state import Conversation
from pipeline.conversation.step import step
from pipeline.findings import Finding, GuardHit, Sign
from pipeline.rulebook import Rulebook
from pipeline.rules.load import load_pack
from pipeline.rules.model import RulePack
from pipeline.stage import Output
from pipeline.tagging import Tagger
from schemas.calls import CallLifecycle, CallPhase, Utterance
from schemas.chats import ChatChannel, ChatLifecycle, ChatMessage, ChatPhase, ContentType
from schemas.evidence import Reason
from schemas.quality import Severity
from schemas.vocabulary import Level, ReasonGroup, Role, ThreatGroup

NOON_MS = 1_763_697_600_000
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

LOOKUPS = Lookups(
    reasons={
        "refund": Reason(l1=ReasonGroup.AFTER_SALES, l2="refund", ca="售后服务"),
        "attitude": Reason(l1=ReasonGroup.SERVICE, l2="attitude", ca="人格尊严"),
    },
    severities={"confront": Severity.CRITICAL},
    advice=AdviceBook.of(load_pack()),
    rules_version="r1",
)


def sign(level: Level, score: int, rule: str = "") -> Sign:
    """One sign, with a quote."""
    return Sign(rule=rule or f"level.{level}:{score}", level=level, score=score, start=0, end=2, quote="……", mark_end=2)


def finding(level: Level, score: int, **changes: Any) -> Finding:
    """A finding with one sign of its level."""
    fields: dict[str, Any] = {"signs": (sign(level, score),) if score else ()}
    return Finding(level=level, score=score, **fields | changes)


DISPLEASED = finding(Level.POTENTIAL, 40)
COMPLAINS = finding(Level.EXPLICIT, 70, reasons=("refund",), keywords=("我要投诉",))
REGULATOR = finding(Level.HIGH_RISK, 90, threats=(ThreatGroup.REGULATOR,))
MEDIA = finding(Level.HIGH_RISK, 92, threats=(ThreatGroup.MEDIA_EXPOSURE,))
SELF_HARM = finding(Level.HIGH_RISK, 98, threats=(ThreatGroup.SAFETY_SELF_HARM,))
WITHDRAWS = finding(Level.NONE, 0, tags=("withdrawn",), guards=(GuardHit("withdraw", 0, 2),))
THANKS = finding(Level.NONE, 0, tags=("thanks",))
APOLOGISES = finding(Level.NONE, 0, tags=("apology",))
FORBIDDEN = finding(Level.NONE, 0, tags=("agent_forbidden:confront",))


def utterance(number: int, at_ms: int = 0, **changes: Any) -> Utterance:
    """One final utterance of a customer."""
    fields: dict[str, Any] = {
        "event_id": f"e{number}",
        "source": "asr",
        "occurred_at": NOON_MS + at_ms,
        "conversation_id": "c1",
        "utterance_id": f"u{number}",
        "revision": 0,
        "is_final": True,
        "role": Role.CUSTOMER,
        "text": "",
        "start_ms": 0,
        "end_ms": 0,
    }
    return Utterance(**fields | changes)


def message(number: int, at_ms: int = 0, **changes: Any) -> ChatMessage:
    """One chat message of a customer."""
    fields: dict[str, Any] = {
        "event_id": f"e{number}",
        "source": "chat",
        "occurred_at": NOON_MS + at_ms,
        "conversation_id": "c1",
        "message_id": f"m{number}",
        "role": Role.CUSTOMER,
        "sender_id": "s1",
        "channel": ChatChannel.WEB,
        "text": "",
        "content_type": ContentType.TEXT,
        "sent_at": NOON_MS + at_ms,
    }
    return ChatMessage(**fields | changes)


def call_phase(number: int, phase: CallPhase, at_ms: int = 0, **changes: Any) -> CallLifecycle:
    """A call began, ended, was held."""
    fields = {"event_id": f"l{number}", "source": "asr", "occurred_at": NOON_MS + at_ms, "conversation_id": "c1"}
    return CallLifecycle(phase=phase, **fields | changes)


def chat_phase(number: int, phase: ChatPhase, at_ms: int = 0, **changes: Any) -> ChatLifecycle:
    """A chat began, ended, changed hands."""
    fields = {"event_id": f"l{number}", "source": "chat", "occurred_at": NOON_MS + at_ms, "conversation_id": "c1"}
    return ChatLifecycle(phase=phase, **fields | changes)


def by_heart(tagger: ReadsTexts) -> Rulebook[Ruleset]:
    """A rulebook whose own rules are a tagger of the test's; packs that come through the log are compiled."""
    return Rulebook(Ruleset(tagger, LOOKUPS), LOOKUPS.rules_version, compiled)


def compiled(pack: RulePack) -> Ruleset:
    """A real pack at work, with the test's tables."""
    return Ruleset(Tagger(pack), replace(LOOKUPS, rules_version=pack.version))


class Story:
    """One conversation, told event by event."""

    def __init__(self) -> None:
        self.row: Conversation | None = None
        self.outputs: list[Output] = []
        self._numbers = count(1)

    def take(self, event: Any, found: Finding | None = None) -> list[Output]:
        """Take one event; what it made go out."""
        said = heard(event.text, event.role, found) if hasattr(event, "text") else None
        self.row, outputs = step(self.row, event, said, lookups=LOOKUPS, emitted_at_ms=event.occurred_at + 50)
        self.outputs += outputs
        return outputs

    def call(self, at_ms: int, found: Finding | None = None, **changes: Any) -> list[Output]:
        """The customer, or who is said in `role`, says something on the phone."""
        return self.take(utterance(next(self._numbers), at_ms, **changes), found)

    def chat(self, at_ms: int, found: Finding | None = None, **changes: Any) -> list[Output]:
        """The same in a chat."""
        return self.take(message(next(self._numbers), at_ms, **changes), found)

    def on(self, topic_name: str) -> list[Any]:
        """What went out on a topic."""
        return values(self.outputs, topic_name)

    @property
    def level(self) -> Level:
        """The level now."""
        assert self.row is not None
        return self.row.level

    @property
    def score(self) -> int:
        """The score now."""
        assert self.row is not None
        return self.row.score


def values(outputs: Sequence[Output], topic_name: str) -> list[Any]:
    """The values that go out on one topic."""
    return [output.value for output in outputs if output.topic.name == topic_name]

"""Actions: what a person, or a system for a person, does about an alert. Topic `alerts.actions`, keyed by region."""

from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, EpochMillis, Id, Note, Part
from schemas.events import Event


class ActionKind(StrEnum):
    """What is done."""

    ACK = "ack"
    RESOLVE = "resolve"
    ESCALATE = "escalate"
    SILENCE = "silence"
    UNSILENCE = "unsilence"
    CONSENT = "consent"  # a second person agrees to a silence that is longer than one alone may make it
    VERDICT = "verdict"
    COMMENT = "comment"
    CLOSE_HIGH_RISK = "close_high_risk"


class Verdict(StrEnum):
    """Whether the alert was right."""

    TRUE = "true"
    FALSE_ALARM = "false_alarm"
    HANDLED = "handled"


class ActionSource(StrEnum):
    """Where the action was taken."""

    BOARD = "board"
    LINK = "link"
    CLI = "cli"
    API = "api"
    CARD = "card"


class Matcher(Part, frozen=True, kw_only=True):
    """What a silence applies to: a label and the value that it must have."""

    name: Id
    value: Code


class Silence(Part, frozen=True, kw_only=True):
    """Which alerts are quiet, from when to when."""

    matchers: Annotated[tuple[Matcher, ...], Meta(min_length=1, max_length=MAX_LIST_ITEMS)]
    starts_at: EpochMillis
    ends_at: EpochMillis


class PressedCard(Part, frozen=True, kw_only=True):
    """The card on which something was pressed, where its vendor lets it be drawn anew once because of that."""

    channel: Id
    to: Id  # a person of the on-call plan, or `group`
    ref: Id  # by which it is drawn


class Action(Event, tag="alert.action/1", frozen=True, kw_only=True):
    """One action. It carries the region of its incident, so that it reaches the partition that owns it."""

    CLOSED_SOURCE: ClassVar[bool] = True

    action_id: Id
    action: ActionKind
    region: Id
    actor: Id
    at: EpochMillis
    source: ActionSource
    incident_id: Code | None = None
    alert_id: Code | None = None
    verdict: Verdict | None = None
    note: Note | None = None
    silence: Silence | None = None
    silence_id: Code | None = None  # which silence is ended or agreed to: the action that began it
    card: PressedCard | None = None
    not_after: EpochMillis | None = None  # of the link or button by which it came: later it is refused

    def __post_init__(self) -> None:
        """An action says what it needs; the messages hold no value, because they end in a dead letter."""
        if self.action is ActionKind.VERDICT and self.verdict is None:
            msg = "verdict beside the action verdict"
            raise ValueError(msg)
        if self.action is ActionKind.SILENCE and self.silence is None:
            msg = "silence beside the action silence"
            raise ValueError(msg)
        if self.action in {ActionKind.UNSILENCE, ActionKind.CONSENT} and self.silence_id is None:
            msg = "silence_id beside the actions unsilence and consent"
            raise ValueError(msg)

"""What all channels have in common: a message in, one judgement out; secrets that cannot be printed by accident."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple, Protocol

from pydantic import SecretStr

from pipeline.answers.acts import Act
from schemas.cards import Card
from schemas.deliveries import Outcome


class Press(NamedTuple):
    """A button that opens nothing: its vendor calls us back and brings along what we sealed."""

    act: Act
    label: str
    seal: str


@dataclass(frozen=True, slots=True)
class Message:
    """One card for one receiver."""

    notification_id: str
    incident_id: str
    dedup_key: str  # equal for all messages of one incident
    card: Card
    to: str = ""  # the receiver's address in this channel: a mobile number, a user id, a mailbox; "" is the whole group
    at_ms: int = 0
    region: str = ""
    presses: tuple[Press, ...] = ()  # only for a channel whose vendor calls back
    redraws: str = ""  # the vendor's name of the card that this one takes the place of; "" is a new one


class Judgement(NamedTuple):
    """What one attempt came to. The outcome, not the caller, says whether to try again."""

    outcome: Outcome
    vendor_code: str = ""  # short and bounded; never the vendor's text, which may repeat what we sent
    retry_after: timedelta | None = None  # where the vendor names it, or is known for it
    card_ref: str = ""  # the vendor's name of the card that stands now, where it can be drawn anew


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; nothing of it but the method shows in a log or a traceback."""

    url: SecretStr
    body: bytes = field(repr=False, default=b"")
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    method: str = "POST"


class Answer(NamedTuple):
    """What came back, bounded in size."""

    status: int
    body: bytes
    retry_after: timedelta | None = None


class Channel(Protocol):
    """A way to reach people. `send` never raises for what the other side does: that is a judgement."""

    async def send(self, message: Message, *, now_ms: int) -> Judgement:
        """Try once."""


class Vendor(Protocol):
    """An HTTP vendor without sending: how a message looks, and what an answer means."""

    def request(self, message: Message, *, now_ms: int) -> "Request | Judgement":
        """The request for a message; signatures are made for this moment, never kept. A judgement: none is needed."""

    def judge(self, answer: Answer) -> Judgement:
        """What the answer means, by its code and never by its text."""

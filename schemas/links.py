"""Links: what belongs together although it lies on other partitions. Topics `tickets.links` and `tickets.signals`."""

from enum import StrEnum

from schemas.actions import ActionKind
from schemas.base import Code, EpochMillis, Id, Part, Wire
from schemas.evidence import Codes
from schemas.promises import PromiseKind, PromiseState
from schemas.vocabulary import Level


class LinkedTicket(Wire, tag="ticket.link/1", frozen=True, kw_only=True):
    """A ticket belongs to a conversation, an order or a customer, or, no longer open, did; or an alert moved it."""

    link: Id  # `conversation:c-1`, `order:o-1`, `customer:k-1`, `alert:a-1`
    ticket_id: Id
    is_open: bool
    opened_at: EpochMillis  # under an alert: when that occurred
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Link, ticket and moment."""
        return f"link:{self.link}:{self.ticket_id}:{self.emitted_at}"


class LinkedComplaint(Wire, tag="complaint.link/1", frozen=True, kw_only=True):
    """A conversation rose to a level; whoever has a ticket under the same link should know."""

    link: Id
    alert_id: Id
    level: Level
    occurred_at: EpochMillis
    reasons: Codes = ()  # first and second level
    conversation_id: Code = ""
    test: Code = ""
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Link and alert."""
        return f"link:{self.link}:{self.alert_id}"


class Acknowledgement(Part, frozen=True, kw_only=True):
    """Who took an incident in hand, and by what."""

    incident_id: Id
    level: Level  # of the incident
    action_id: Id
    action: ActionKind  # acknowledged, or resolved at once
    actor: Id


class LinkedAcknowledgement(Wire, tag="acknowledgement.link/1", frozen=True, kw_only=True):
    """Somebody took the incident of an alert in hand; whichever ticket the alert moved should know."""

    link: Id
    alert_id: Id
    acknowledgement: Acknowledgement
    occurred_at: EpochMillis
    test: Code = ""
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Link and action."""
        return f"acknowledgement:{self.link}:{self.acknowledgement.action_id}"


class Act(StrEnum):
    """What nobody does to many tickets within minutes who looks at them."""

    REJECTED = "rejected"  # refused what the ticket asked for
    STOPPED = "stopped"  # set a status that stops its clocks


class LinkedAct(Wire, tag="act.link/1", frozen=True, kw_only=True):
    """Somebody did something to a ticket."""

    link: Id  # `rejected:a-1`; `stopped:pending:a-1`, a status by itself
    act: Act
    ticket_id: Id
    occurred_at: EpochMillis
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Link, ticket and moment."""
        return f"act:{self.link}:{self.ticket_id}:{self.occurred_at}"


class PromiseNews(Part, frozen=True, kw_only=True):
    """What a ticket is to know of a promise."""

    promise_id: Id
    home: Id  # where deeds that keep it are to be told
    kind: PromiseKind
    state: PromiseState
    said_at: EpochMillis
    key: Code = ""  # of a warning: the share; of the end `broken`
    alert_id: Code = ""  # of the alert that tells of it


class LinkedPromise(Wire, tag="promise.link/1", frozen=True, kw_only=True):
    """Somebody was promised something; whoever has a ticket under the same link should know how it stands."""

    link: Id
    news: PromiseNews
    occurred_at: EpochMillis
    conversation_id: Code = ""
    test: Code = ""
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Link, promise and news."""
        return f"promise:{self.link}:{self.news.promise_id}:{self.news.state}:{self.news.key}"


class SignalKind(StrEnum):
    """What a ticket is told by something that is not an event of its own."""

    COMPLAINED = "complained"  # a conversation that belongs to it rose to a level
    ACKNOWLEDGED = "acknowledged"  # somebody took the incident of such a complaint in hand
    ABSORBED = "absorbed"  # another ticket was merged into it
    FOUND = "found"  # together with other tickets it breaks a house rule
    PROMISED = "promised"  # its customer was promised something, or that has changed


class TicketSignal(Wire, tag="ticket.signal/1", frozen=True, kw_only=True):
    """One thing that a ticket is told."""

    ticket_id: Id
    kind: SignalKind
    cause_id: Id  # the alert, or the event that merged
    occurred_at: EpochMillis
    level: Level | None = None
    reasons: Codes = ()
    conversation_id: Code = ""
    since: EpochMillis | None = None  # when the absorbed ticket was created
    finding: Code = ""  # which house rule
    promise: PromiseNews | None = None
    acknowledgement: Acknowledgement | None = None
    test: Code = ""
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Kind, ticket and cause."""
        return f"{self.kind}:{self.ticket_id}:{self.cause_id}"

"""The topic table: every topic, what is on it, how it is kept. Topics are created from here before a worker starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from schemas.actions import Action
from schemas.agent_states import AgentState
from schemas.alerts import Alert
from schemas.audits import ActionAudit
from schemas.base import Wire
from schemas.calls import CallLifecycle, Utterance
from schemas.chats import ChatLifecycle, ChatMessage
from schemas.commands import Command
from schemas.contacts import BrokenPromise, Contact, CustomerContext
from schemas.crossings import AgentComplaint, Inhibition
from schemas.deadletters import DeadLetter
from schemas.deliveries import Notification, Receipt
from schemas.desks import DeskTopics, DeskWait, HotTickets
from schemas.feedback import FeedbackJudgement, FeedbackResponse
from schemas.handovers import BotHandover
from schemas.hints import Hint
from schemas.hotwords import HotWords, HourOfWords, Saying
from schemas.incidents import Incident
from schemas.kpis import KpiHour, KpiTally
from schemas.labels import VerdictLabel
from schemas.links import LinkedAcknowledgement, LinkedAct, LinkedComplaint, LinkedPromise, LinkedTicket, TicketSignal
from schemas.promises import Promise, PromiseDeed, PromisesMade
from schemas.quality import ReviewAction, ServiceFinding, ServiceReview, ServiceSummary
from schemas.rules import RulesPack, RulesState
from schemas.sla_clocks import TicketClocks
from schemas.tagged import Tag
from schemas.tickets import TicketEvent
from schemas.ticks import Tick
from schemas.windows import RegionUsual, RegionWindow

PARTITIONS = 4  # of each topic that stages read, unless the settings say otherwise; never changed on a running cluster


class CleanUp(StrEnum):
    """How Kafka forgets."""

    DELETE = "delete"
    COMPACT = "compact"


class Direction(StrEnum):
    """Who writes a topic and who reads it."""

    INBOUND = "inbound"  # others write, we read: the schema id is required
    OUTBOUND = "outbound"  # we write, others read
    INTERNAL = "internal"  # we write and we read; others may read too


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """One topic: name without prefix, what its key is, the messages on it, and how long it is kept."""

    name: str
    key: str  # what the record key holds, in words: `conversation_id`
    messages: tuple[type[Wire], ...]
    clean_up: CleanUp = CleanUp.DELETE
    retention: timedelta | None = timedelta(days=7)  # None keeps for ever
    direction: Direction = Direction.INTERNAL
    key_field: str = ""  # the field of the body that the key must equal; inbound topics only
    max_message_bytes: int | None = None  # None leaves it to the broker
    history: timedelta | None = None  # of a compacted topic: for so long every version stays, not the newest alone

    @property
    def is_inbound(self) -> bool:
        """Whether others write it."""
        return self.direction is Direction.INBOUND

    @property
    def is_co_partitioned(self) -> bool:
        """Whether it must have the partition count of the source topics: all that a stage reads, and changelogs."""
        return self.direction is not Direction.OUTBOUND

    @property
    def config(self) -> dict[str, str]:
        """The settings that the broker is given when the topic is created."""
        retention_ms = -1 if self.retention is None else self.retention // timedelta(milliseconds=1)
        config = {"cleanup.policy": self.clean_up.value, "retention.ms": str(retention_ms)}
        if self.history is not None:
            config["min.compaction.lag.ms"] = str(self.history // timedelta(milliseconds=1))
        if self.max_message_bytes is not None:
            config["max.message.bytes"] = str(self.max_message_bytes)
        return config

    def __repr__(self) -> str:
        return f"Topic({self.name})"


IN, OUT = Direction.INBOUND, Direction.OUTBOUND
DAY = timedelta(days=1)

UTTERANCES = Topic(
    "calls.utterances", "conversation_id", (Utterance, CallLifecycle), direction=IN, key_field="conversation_id"
)
MESSAGES = Topic(
    "chats.messages", "conversation_id", (ChatMessage, ChatLifecycle), direction=IN, key_field="conversation_id"
)
TICKETS = Topic("tickets.events", "ticket_id", (TicketEvent,), direction=IN, key_field="ticket_id")
FEEDBACK = Topic("feedback.responses", "conversation or customer", (FeedbackResponse,), direction=IN)
AGENT_STATES = Topic("agents.states", "agent_id", (AgentState,), direction=IN, key_field="agent_id")
ACTIONS = Topic("alerts.actions", "region", (Action,), direction=IN, retention=35 * DAY)
REVIEW_ACTIONS = Topic(
    "quality.actions", "conversation_id", (ReviewAction,), direction=IN, key_field="conversation_id", retention=35 * DAY
)

ACTION_AUDITS = Topic("alerts.audit", "region", (ActionAudit,), direction=OUT, retention=365 * DAY)
TAGGED = Topic("complaints.tagged", "conversation_id", (Tag,), direction=OUT, retention=30 * DAY)
ALERTS = Topic("complaints.alerts", "region", (Alert,), retention=35 * DAY)  # late events correct windows for so long
HINTS = Topic("agents.hints", "agent_id", (Hint,), direction=OUT, retention=DAY)
FINDINGS = Topic(
    "quality.findings", "conversation_id", (ServiceFinding, ServiceSummary, ServiceReview), retention=35 * DAY
)
JUDGEMENTS = Topic(
    "feedback.judgements", "conversation or customer", (FeedbackJudgement,), retention=35 * DAY, direction=OUT
)
KPI_TALLIES = Topic("kpis.tallies", "subject", (KpiTally,))
KPI_HOURS = Topic("kpis.hours", "subject", (KpiHour,), retention=35 * DAY, direction=OUT)
HANDOVERS = Topic("bots.handovers", "conversation_id", (BotHandover,), direction=OUT)
LINKS = Topic("tickets.links", "link", (LinkedTicket, LinkedComplaint, LinkedAcknowledgement, LinkedAct, LinkedPromise))
SIGNALS = Topic("tickets.signals", "ticket_id", (TicketSignal,))
DESK = Topic("tickets.desk", "desk", (DeskTopics, DeskWait))
HOT = Topic("tickets.hot", "desk", (HotTickets,), retention=35 * DAY, direction=OUT)
PROMISE_EVENTS = Topic("promises.events", "home", (PromisesMade, PromiseDeed))
PROMISES = Topic("promises", "promise_id", (Promise,), CleanUp.COMPACT, None)
COMMANDS = Topic("tickets.commands", "ticket_id", (Command,), direction=OUT)
# Not compacted: the key is the region, and of its many windows compaction would keep one.
WINDOWS = Topic("regions.windows", "region", (RegionWindow, RegionUsual), retention=35 * DAY, direction=OUT)
SAYINGS = Topic("words.sayings", "all", (Saying,), retention=DAY)  # on their way from their regions to the whole
HOT_WORDS = Topic("words.hot", "place", (HotWords, HourOfWords), retention=35 * DAY, direction=OUT)
# All clocks of a ticket in one record: compaction keeps one record of a key, and the key keeps them with their ticket.
SLA_CLOCKS = Topic("sla.clocks", "ticket_id", (TicketClocks,), CleanUp.COMPACT, None)
INCIDENTS = Topic("incidents", "incident_id", (Incident,), CleanUp.COMPACT, None, history=35 * DAY)  # the board's past
CROSSINGS = Topic("incidents.crossings", "region or agent", (Inhibition, AgentComplaint))
LABELS = Topic("labels.verdicts", "alert_id", (VerdictLabel,), CleanUp.COMPACT, None, direction=OUT)
NOTIFICATIONS = Topic("notifications", "channel id", (Notification,))
RECEIPTS = Topic("receipts", "channel id", (Receipt,), retention=35 * DAY)
# A record of 1 MiB, the broker's usual limit, is a third longer in base64; the letter must still fit.
DEADLETTERS = Topic(
    "deadletters", "source topic", (DeadLetter,), direction=OUT, retention=90 * DAY, max_message_bytes=4 * 1024 * 1024
)
CONTACTS = Topic("customers.contacts", "customer_key", (Contact, BrokenPromise))
CONTEXTS = Topic("customers.contexts", "conversation_id", (CustomerContext,))
TICKS = Topic("ticks", "partition", (Tick,), retention=timedelta(hours=6))  # one a second: nobody replays old clocks

# Compacted: whoever begins reads the newest pack of each slot. A command writes one record on each partition.
RULES_PACKS = Topic("rules.packs", "slot", (RulesPack,), CleanUp.COMPACT, None)
RULES_STATES = Topic("rules.states", "partition", (RulesState,), CleanUp.COMPACT, None, direction=OUT)

ALL = (
    UTTERANCES,
    MESSAGES,
    TICKETS,
    FEEDBACK,
    AGENT_STATES,
    ACTIONS,
    REVIEW_ACTIONS,
    ACTION_AUDITS,
    TAGGED,
    ALERTS,
    HINTS,
    FINDINGS,
    JUDGEMENTS,
    KPI_TALLIES,
    KPI_HOURS,
    HANDOVERS,
    LINKS,
    SIGNALS,
    DESK,
    HOT,
    PROMISE_EVENTS,
    PROMISES,
    COMMANDS,
    WINDOWS,
    SAYINGS,
    HOT_WORDS,
    SLA_CLOCKS,
    INCIDENTS,
    CROSSINGS,
    LABELS,
    NOTIFICATIONS,
    RECEIPTS,
    DEADLETTERS,
    CONTACTS,
    CONTEXTS,
    TICKS,
    RULES_PACKS,
    RULES_STATES,
)
by_name: Mapping[str, Topic] = MappingProxyType({topic.name: topic for topic in ALL})

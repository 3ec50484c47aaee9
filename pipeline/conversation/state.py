"""The row of one conversation: what has to be remembered between two of its events, and no text beyond short quotes."""

from collections.abc import Iterable

import msgspec

from pipeline.bots.state import BotTalk
from pipeline.conversation.demand import Demand
from pipeline.findings import Sign
from pipeline.places.provinces import UNKNOWN
from pipeline.places.resolve import RegionSource
from pipeline.promises.state import Promised
from pipeline.quality.state import NOTHING_YET, Service
from pipeline.watches.state import Watched
from schemas.contacts import Background
from schemas.vocabulary import ChannelClass, Level, Role, ThreatGroup

MAX_TRACES = 24
MAX_SIGNS = 6  # of one utterance
MAX_REVISIONS = 32
MAX_APOLOGIES = 8
MAX_AGENTS = 8  # who had an episode, the newest

# Globals, because looking a member up in its enum costs more than the comparison that follows, and each event asks.
CUSTOMER, AGENT, BOT, NO_LEVEL = Role.CUSTOMER, Role.AGENT, Role.BOT, Level.NONE

WITHDRAWN = "withdrawn"
SOLVED = "solved"
THANKS = "thanks"
INQUIRY = "inquiry"
PREPARED = "prepared"
APOLOGY = "apology"
FORBIDDEN = "agent_forbidden:"  # a group of things that agents must not say; the agent said one
CUSTOMER_TYPE = "type:"  # how the customer comes across
ON_PARTIAL = "on_partial"  # the rule allows that text which may still change opens high_risk


def tagged_with(tags: Iterable[str], prefix: str) -> tuple[str, ...]:
    """What the tags of a kind name: `agent_forbidden:confront` under `agent_forbidden:` is `confront`."""
    return tuple(tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix))


class Trace(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What one utterance left behind: enough for the score and a card, and to be replaced by a later revision."""

    utterance_id: str
    at_ms: int
    role: Role
    level: Level
    revision: int = 0
    is_final: bool = True
    signs: tuple[Sign, ...] = ()  # the strongest of each rule; only the first still has its quote
    reasons: tuple[str, ...] = ()
    threats: tuple[ThreatGroup, ...] = ()
    tags: tuple[str, ...] = ()
    is_answered: bool = False  # an agent apologised in time

    @property
    def score(self) -> int:
        """Points of the strongest sign."""
        return self.signs[0].score if self.signs else 0

    @property
    def is_complaint(self) -> bool:
        """Whether a customer complained here."""
        return self.role is CUSTOMER and self.level is not NO_LEVEL

    @property
    def settles(self) -> bool:
        """Whether the customer takes back here what was said before; text that may still change takes nothing back."""
        return (
            bool(self.tags)
            and (WITHDRAWN in self.tags or SOLVED in self.tags)
            and self.is_final
            and self.role is CUSTOMER
            and self.level.rank <= Level.POTENTIAL.rank
        )


class Conversation(msgspec.Struct, omit_defaults=True, gc=False):  # a million of them, and no cycle among them
    """One conversation; `step` hands on a changed copy. Fields below `traces` belong to the running episode only."""

    channel: ChannelClass
    started_at_ms: int
    last_at_ms: int
    recent: bytes = b""  # hashes of recent event ids, end to end
    episode: int = 1

    region: str = UNKNOWN
    region_source: RegionSource = RegionSource.UNKNOWN
    city: str = ""
    queue: str = ""
    product: str = ""
    batch: str = ""
    customer_key: str = ""
    customer_tier: str = ""
    tenant: str = "default"
    test: str = ""

    traces: tuple[Trace, ...] = ()
    agent_id: str = ""
    earlier_agents: tuple[tuple[str, int], ...] = ()  # who had the conversation before, each with until when
    seq: int = -1
    attributes_at_ms: int = 0
    ended_at_ms: int | None = None
    level: Level = Level.NONE
    score: int = 0
    turn_count: int = 0  # final turns of customer and agent
    finals: bytes = b""  # marks of the utterances that were counted as turns of a call, the newest ones, end to end
    demands: tuple[Demand, ...] = ()
    revisions: dict[str, int] = {}  # newest revision by utterance, where there may be several
    apologies_at_ms: tuple[int, ...] = ()
    threats: tuple[ThreatGroup, ...] = ()  # the groups that somebody was told about
    risen_by: dict[Level, str] = {}  # the utterance that last lifted the conversation to a level
    watched: Watched | None = None  # what the rules of the pack remember, where one of them has to
    is_contact_told: bool = False  # that this is a contact of a customer whom we know
    background: Background | None = None  # what that customer's earlier contacts came to
    warned_at_ms: int | None = None  # when the first alert of the episode rose

    wake_at_ms: int = 0  # on the partition's clock: when to look for what was left out in silence (pipeline.wakes)
    logged_at_ms: int = 0  # the log's time of the last event, beside its event time in `last_at_ms`
    assess_at_ms: int = 0  # event time after which something may turn out to be missing
    waiting_since_ms: int = 0  # the customer said something and nobody has answered yet
    agent_since_ms: int = 0  # an agent's first words
    agent_talk_ms: int = 0
    customer_talk_ms: int = 0
    service: Service = NOTHING_YET
    bot: BotTalk | None = None  # where a bot has spoken
    summary_count: int = 0  # revisions of the summary that went out
    order_id: str = ""
    order_mark: str = ""  # of the order that was named last in a text
    is_outreach_told: bool = False  # that we called, and the customer spoke
    promised: Promised | None = None  # where an agent has promised something; a promise outlives the episode


def agent_at(row: Conversation, at_ms: int) -> str:
    """Who had the conversation at a moment of this episode; "" where nobody had it yet."""
    for agent_id, until_ms in row.earlier_agents:
        if at_ms < until_ms:
            return agent_id
    return row.agent_id


def start_episode(row: Conversation, *, at_ms: int) -> None:
    """Begin anew in the same row: the customer and the place stay known; who answered and what was said is closed."""
    row.episode += 1
    row.started_at_ms = row.last_at_ms = at_ms
    row.agent_id = ""
    row.earlier_agents = ()
    row.seq = -1
    row.attributes_at_ms = 0
    row.traces = row.demands = ()
    row.ended_at_ms = None
    row.level = Level.NONE
    row.score = row.turn_count = 0
    row.finals = b""
    row.revisions = {}
    row.apologies_at_ms = ()
    row.threats = ()
    row.risen_by = {}
    row.watched = None
    row.is_contact_told = False
    row.background = None
    row.warned_at_ms = None
    row.wake_at_ms = row.assess_at_ms = 0
    row.waiting_since_ms = row.agent_since_ms = 0
    row.agent_talk_ms = row.customer_talk_ms = 0
    row.service = NOTHING_YET
    row.bot = None
    row.summary_count = 0
    row.is_outreach_told = False

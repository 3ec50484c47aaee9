"""Alerts: somebody should know. Topic `complaints.alerts`, keyed by region."""

from schemas.base import Code, Count, EpochMillis, Id, Millis, Part, Score, Share, Wire
from schemas.contacts import Background
from schemas.evidence import Codes, EvidenceList, Links, Reasons, ScoreParts
from schemas.promises import PromiseKind
from schemas.sla_clocks import GoalKind
from schemas.vocabulary import AlertKind, ChannelClass, Level, ThreatGroup


class SlaAlert(Part, frozen=True, kw_only=True):
    """Which clock of a ticket an alert is about, and how far it has come."""

    clock: GoalKind
    key: Code  # `0.75` of the target, `1` the breach, `-30m`, `day` for a daily reminder
    policy: Code
    target_ms: Millis
    elapsed_ms: Millis
    due_at: EpochMillis | None = None
    cycle: Count = 1
    priority: Code = ""
    status: Code = ""
    group_id: Code = ""


class PromiseAlert(Part, frozen=True, kw_only=True):
    """Which promise an alert is about, and how far its time has run."""

    promise_id: Id
    kind: PromiseKind
    key: Code  # `0.75` of its time, or `broken`
    said_at: EpochMillis
    due_at: EpochMillis
    is_vague: bool = False


class Alert(Wire, tag="complaint.alert/1", frozen=True, kw_only=True):
    """One thing that somebody should know: a level rose, a deadline nears, a region has more than usual."""

    alert_id: Id  # kind:subject:cause, so that a repeat after a crash is the same alert
    kind: AlertKind
    region: Code
    fingerprint: Id  # kind:payload; equal while it is the same matter
    occurred_at: EpochMillis
    emitted_at: EpochMillis
    links: Links = Links()
    level: Level | None = None
    previous_level: Level | None = None
    score: Score | None = None
    reasons: Reasons = ()
    keywords: Codes = ()
    evidence: EvidenceList = ()
    guards_passed: Codes = ()
    score_parts: ScoreParts = ()
    threats: tuple[ThreatGroup, ...] = ()
    tags: Codes = ()  # of what the text was tagged with; of an alert about an agent: the conversations
    region_source: Code = ""
    city: Code = ""  # the code of a city of the region, where that is known; of a surge: it is this city's alone
    channel: ChannelClass | None = None
    queue: Code = ""
    product: Code = ""
    batch: Code = ""
    conversation_id: Code = ""
    ticket_id: Code = ""
    agent_id: Code = ""
    customer_key: Code = ""
    order_id: Code = ""
    order_mark: Code = ""  # where only a text named the order: a digest of its number
    customer_type: Code = ""
    background: Background | None = None  # the customer's earlier contacts, where the customer is known
    lead_ms: Millis | None = None  # from the first warning to the threat
    count: Count | None = None  # of a surge: seen in the window
    baseline: float | None = None  # of a surge: expected in the window; of a score or a rate: what it was before
    value: float | None = None  # of a score or a rate: what it is; `count` says of how many
    never_silenced: bool = False  # somebody may come to harm: never silenced, inhibited, bundled or sampled
    rules_version: Code = ""
    model_version: Code = ""
    degraded: bool | None = None  # decided by rules only; absent where no text was judged
    confidence: Share | None = None  # of the model: how likely the text that raised it is at least of this level
    tenant: Code = "default"
    test: Code = ""
    audience: Codes = ()  # of an alert about a ticket: handler, administrator, escalation
    sla: SlaAlert | None = None
    promise: PromiseAlert | None = None
    finding: Code = ""  # of a house rule, or of a command that was not answered: which

    def record_id(self) -> str:
        """The alert id."""
        return self.alert_id

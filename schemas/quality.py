"""Service quality: what an agent did or left out, what came of a conversation, how a finding was reviewed.

Topic `quality.findings`, keyed by conversation; for team leads and inspectors. What they do about a finding comes in on
`quality.actions`, keyed in the same way.
"""

from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, Count, EpochMillis, Id, Millis, Note, Part, Share, Wire
from schemas.events import Event
from schemas.evidence import EvidenceList
from schemas.vocabulary import ChannelClass, Level


class Severity(StrEnum):
    """How bad a finding is."""

    MINOR = "minor"  # stands in the summary only
    MAJOR = "major"
    CRITICAL = "critical"


class Point(StrEnum):
    """The seven points of handling a complaint: 快 听 释 歉 选 及 馈."""

    QUICK = "quick"
    LISTEN = "listen"
    EXPLAIN = "explain"
    APOLOGISE = "apologise"
    CHOOSE = "choose"
    ACT = "act"
    REPORT = "report"


class PointState(StrEnum):
    """What became of a point."""

    KEPT = "kept"
    MISSED = "missed"
    NOT_JUDGED = "not_judged"  # nothing called for it, or the source sends nothing to judge it by


class Basis(StrEnum):
    """Why it is known."""

    SAID = "said"  # the words, or the overlap or silence, are in an event
    PASSED = "passed"  # a later event of the conversation shows that the time has passed
    SILENCE = "silence"  # nobody said anything more, and ticks show that the time has passed
    ENDED = "ended"  # the conversation is over


class FindingState(StrEnum):
    """Whether it still stands."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"  # what was missed came late but was said in time; what was said was read wrongly at first


class EndedBy(StrEnum):
    """Why a conversation counts as over."""

    EVENT = "event"
    SILENCE = "silence"


class ServiceFinding(Wire, tag="quality.finding/1", frozen=True, kw_only=True):
    """One thing that an agent did, or left out. For the team lead."""

    finding_id: Id
    conversation_id: Id
    check: Code  # `confront`, `apology` … an id of the rule pack
    severity: Severity
    state: FindingState
    basis: Basis
    occurred_at: EpochMillis  # when it was said, or when the time for it was over
    emitted_at: EpochMillis
    since: EpochMillis | None = None  # when the time began
    name: Note = ""  # Chinese
    name_en: Note = ""
    utterance_id: Code = ""  # in which it was said, or which called for it
    evidence: EvidenceList = ()
    level: Level = Level.NONE  # of the conversation at that moment
    agent_id: Code = ""
    channel: ChannelClass | None = None
    queue: Code = ""
    region: Code = ""
    started_at: EpochMillis = 0  # of the conversation
    rules_version: Code = ""
    tenant: Code = "default"
    test: Code = ""

    def record_id(self) -> str:
        """The finding id; a withdrawal is a record of its own."""
        return self.finding_id if self.state is FindingState.OPEN else f"withdrawn:{self.finding_id}"[:128]


class Found(Part, frozen=True, kw_only=True):
    """One finding in a summary."""

    finding_id: Id
    check: Code
    severity: Severity
    agent_id: Code = ""  # whose it is; "" is the agent of the summary


class ServiceSummary(Wire, tag="quality.summary/1", frozen=True, kw_only=True):
    """What a conversation came to: the seven points, measures, findings that stand. A newer revision replaces it."""

    summary_id: Id  # the same for every revision
    revision: Count
    conversation_id: Id
    score: Annotated[int, Meta(ge=0, le=7)]  # seven less the points that were missed
    points: dict[Point, PointState]
    findings: Annotated[tuple[Found, ...], Meta(max_length=MAX_LIST_ITEMS)]
    ended_by: EndedBy
    started_at: EpochMillis
    ended_at: EpochMillis
    occurred_at: EpochMillis
    emitted_at: EpochMillis
    is_sampled: bool = False  # for a manual second look, by a hash of the conversation id
    level: Level = Level.NONE  # at the end
    highest_level: Level = Level.NONE
    turn_count: Count = 0
    first_response_ms: Millis | None = None
    longest_wait_ms: Millis = 0
    interruption_count: Count = 0
    contacts_72h: Count | None = None  # of a known customer, this one included
    agent_talk_share: Share | None = None  # of the time in which anybody spoke
    agent_id: Code = ""
    channel: ChannelClass | None = None
    queue: Code = ""
    region: Code = ""
    rules_version: Code = ""
    tenant: Code = "default"
    test: Code = ""

    def record_id(self) -> str:
        """The summary and its revision."""
        return f"{self.summary_id[:110]}:{self.revision}"


class ReviewStep(StrEnum):
    """What is done about a finding."""

    APPEAL = "appeal"  # the agent does not agree
    REJUDGE = "rejudge"  # an inspector has looked again
    DECIDE = "decide"  # a supervisor ends it


class ReviewerRole(StrEnum):
    """Who does it."""

    AGENT = "agent"
    INSPECTOR = "inspector"
    SUPERVISOR = "supervisor"


class Judgement(StrEnum):
    """What an inspector or a supervisor thinks of the finding."""

    UPHOLD = "uphold"
    OVERTURN = "overturn"


class ReviewState(StrEnum):
    """How far the review of a finding has come."""

    OPEN = "open"
    APPEALED = "appealed"
    REJUDGED = "rejudged"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    WITHDRAWN = "withdrawn"


class ReviewAction(Event, tag="quality.action/1", frozen=True, kw_only=True):
    """One step of a review. It carries its conversation, so that it reaches the partition of the finding."""

    CLOSED_SOURCE: ClassVar[bool] = False

    action_id: Id
    conversation_id: Id
    finding_id: Id
    step: ReviewStep
    actor: Id
    role: ReviewerRole
    at: EpochMillis
    judgement: Judgement | None = None
    note: Note | None = None

    def __post_init__(self) -> None:
        """A judgement stands beside whoever judges; the message holds no value, because it ends in a dead letter."""
        if self.step is not ReviewStep.APPEAL and self.judgement is None:
            msg = "judgement beside the steps rejudge and decide"
            raise ValueError(msg)


class AuditEntry(Part, frozen=True, kw_only=True):
    """One step that was taken; notes are masked."""

    action_id: Id
    step: ReviewStep
    actor: Id
    role: ReviewerRole
    at: EpochMillis
    state: ReviewState  # after it
    judgement: Judgement | None = None
    note: Note = ""


class ServiceReview(Wire, tag="quality.review/1", frozen=True, kw_only=True):
    """Where the review of a finding stands, with everything that was done."""

    finding_id: Id
    conversation_id: Id
    check: Code
    state: ReviewState
    audit: Annotated[tuple[AuditEntry, ...], Meta(max_length=MAX_LIST_ITEMS)]
    occurred_at: EpochMillis
    emitted_at: EpochMillis
    agent_id: Code = ""
    tenant: Code = "default"

    def record_id(self) -> str:
        """The finding and the action that moved it."""
        return f"review:{self.audit[-1].action_id if self.audit else ''}"[:128]

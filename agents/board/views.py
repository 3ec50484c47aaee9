"""What the board shows of a record: an allow-list, so that a new field on a topic is private until somebody adds it.

Customers' and agents' ids are not shown to anybody. Quotes on the topics are masked; they are masked once more here,
because whoever else writes to a topic may not have done it.
"""

from collections.abc import Sequence

from msgspec import Struct

from agents.web.masking import masked_again
from pipeline.kpis.told import FIGURE_TAG
from pipeline.places.cities import CITIES
from pipeline.places.provinces import REGIONS, UNKNOWN
from pipeline.text.redact import redact
from schemas.alerts import Alert
from schemas.evidence import Evidence
from schemas.incidents import Incident, IncidentState
from schemas.sla_clocks import ClockState, GoalKind, TicketClocks
from schemas.vocabulary import AlertKind, ChannelClass, Level, ReasonGroup, ThreatGroup


class Quote(Struct, frozen=True, omit_defaults=True):
    """Masked words of a customer, and the stretch of them that a rule saw."""

    text: str
    rule: str
    mark_start: int = 0
    mark_end: int = 0


class Why(Struct, frozen=True):
    """A reason: group and leaf."""

    l1: ReasonGroup
    l2: str = ""


class AlertView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alert. Times are milliseconds since the epoch, UTC."""

    id: str
    kind: AlertKind
    region: str
    occurred_at: int
    emitted_at: int
    city: str = ""  # its Chinese name, where it is known
    level: Level = Level.NONE
    previous_level: Level = Level.NONE
    score: int | None = None
    channel: ChannelClass | None = None
    reasons: tuple[Why, ...] = ()
    threats: tuple[ThreatGroup, ...] = ()
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    guards: tuple[str, ...] = ()
    conversation_id: str = ""
    ticket_id: str = ""
    product: str = ""
    lead_ms: int | None = None
    count: int | None = None
    baseline: float | None = None
    figure: str = ""  # which one a rate, a score or a silent channel is about; `count` says of how many
    value: float | None = None  # what it is, in the unit of `baseline`
    rules_version: str = ""
    is_drill: bool = False

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands in the order of alerts."""
        return self.emitted_at, self.id


class IncidentView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One incident as it stands."""

    id: str
    state: IncidentState
    level: Level
    title: str
    regions: tuple[str, ...]
    reasons: tuple[ReasonGroup, ...]
    members: tuple[str, ...]
    count: int
    opened_at: int
    updated_at: int
    step: int
    acked_by: str = ""
    ack_expires_at: int | None = None
    owner: str = ""
    is_quiet: bool = False  # silenced or inhibited
    is_drill: bool = False


class ClockView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One clock of one ticket. Without `due_at` it stands still."""

    ticket_id: str
    clock: GoalKind
    policy: str
    target_ms: int
    elapsed_ms: int
    as_of: int
    started_at: int
    paused_ms: int
    state: ClockState
    is_running: bool = False
    due_at: int | None = None
    breached_at: int | None = None
    findings: tuple[str, ...] = ()  # signs that the ticket was parked
    is_drill: bool = False


def alert_view(alert: Alert) -> AlertView:
    """What is shown of an alert."""
    return AlertView(
        id=alert.alert_id,
        kind=alert.kind,
        region=known_region(alert.region),
        city=CITIES.get(alert.city, ""),
        occurred_at=alert.occurred_at,
        emitted_at=alert.emitted_at,
        level=alert.level or Level.NONE,
        previous_level=alert.previous_level or Level.NONE,
        score=alert.score,
        channel=alert.channel,
        reasons=tuple(Why(reason.l1, reason.l2) for reason in alert.reasons),
        threats=alert.threats,
        keywords=tuple(map(_masked, alert.keywords)),
        tags=alert.tags,
        quotes=tuple(map(_quote, alert.evidence)),
        guards=alert.guards_passed,
        conversation_id=alert.conversation_id,
        ticket_id=alert.ticket_id,
        product=alert.product,
        lead_ms=alert.lead_ms,
        count=alert.count,
        baseline=alert.baseline,
        figure=_figure(alert.tags),
        value=alert.value,
        rules_version=alert.rules_version,
        is_drill=bool(alert.test),
    )


def incident_view(incident: Incident) -> IncidentView:
    """What is shown of an incident."""
    return IncidentView(
        id=incident.incident_id,
        state=incident.state,
        level=incident.level,
        title=_masked(incident.title),
        regions=tuple(map(known_region, incident.regions)),
        reasons=incident.reasons,
        members=incident.members,
        count=incident.count,
        opened_at=incident.opened_at,
        updated_at=incident.updated_at,
        step=incident.step,
        acked_by=incident.acked_by,
        ack_expires_at=incident.ack_expires_at,
        owner=incident.owner,
        is_quiet=bool(incident.silenced_by or incident.inhibited_by),
        is_drill=bool(incident.test),
    )


def clock_views(ticket: TicketClocks) -> tuple[ClockView, ...]:
    """What is shown of a ticket's clocks."""
    return tuple(
        ClockView(
            ticket_id=ticket.ticket_id,
            clock=clock.clock,
            policy=ticket.policy,
            target_ms=clock.target_ms,
            elapsed_ms=clock.elapsed_ms,
            as_of=clock.as_of,
            started_at=clock.started_at,
            paused_ms=clock.paused_ms,
            state=clock.state,
            is_running=clock.running,
            due_at=clock.due_at,
            breached_at=clock.breached_at,
            findings=ticket.findings,
            is_drill=bool(ticket.test),
        )
        for clock in ticket.clocks
    )


def known_region(region: str) -> str:
    """A tile that there is."""
    return region if region in _REGIONS else UNKNOWN


def _figure(tags: Sequence[str]) -> str:
    return next((tag.removeprefix(FIGURE_TAG) for tag in tags if tag.startswith(FIGURE_TAG)), "")


def _quote(evidence: Evidence) -> Quote:
    masked = masked_again(evidence)
    return Quote(masked.text_masked, masked.rule, masked.mark_start, masked.mark_end)


def _masked(text: str) -> str:
    return redact(text).text


_REGIONS = frozenset(REGIONS)

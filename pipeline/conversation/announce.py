"""Who is told: one alert per rise of level or new threat group, and with it a hint to the agent on the line."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from pipeline.conversation.ids import fingerprint, record_id
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.reasons import as_reasons, longest_running
from pipeline.conversation.said import Event, Said
from pipeline.conversation.score import Standing, still_counting
from pipeline.conversation.state import CUSTOMER_TYPE, Conversation, tagged_with
from pipeline.conversation.tagged import as_evidence, plain_tags
from pipeline.findings import Finding
from pipeline.stage import Output
from schemas.alerts import Alert
from schemas.contacts import CustomerContext
from schemas.evidence import Evidence
from schemas.hints import Hint
from schemas.topics import ALERTS, HINTS
from schemas.vocabulary import AlertKind, Level, ThreatGroup

MAX_EVIDENCE = 12


class Cause(msgspec.Struct, frozen=True, gc=False):
    """The event because of which a conversation is judged anew, and what is new in it."""

    event: Event | CustomerContext
    said: Said | None
    finding: Finding | None
    threats: tuple[ThreatGroup, ...]  # what may be alerted: of final text, or where the rule does not wait for it
    emitted_at_ms: int

    @property
    def utterance_id(self) -> str:
        """The utterance; of an event without text, the event."""
        return self.said.utterance_id if self.said else self.event.event_id


def announce(row: Conversation, cause: Cause, standing: Standing, *, previous: Level, lookups: Lookups) -> list[Output]:
    """Alerts and hints for what changed; what was told is noted in the row, so that it is told once."""
    level = standing.level
    # An utterance whose revisions waver between two levels lifts the conversation once.
    has_risen = level.rank > previous.rank and row.risen_by.get(level) != cause.utterance_id
    told = row.threats
    new_groups = tuple(group for group in cause.threats if group not in told) if level is Level.HIGH_RISK else ()
    if not has_risen and not new_groups:
        return []
    alert = _alert(row, cause, standing, previous=previous, lookups=lookups)
    if has_risen:
        row.risen_by = {**row.risen_by, level: cause.utterance_id}
    row.threats += new_groups
    if row.warned_at_ms is None:
        row.warned_at_ms = cause.event.occurred_at
    is_self_harm = ThreatGroup.SAFETY_SELF_HARM in new_groups
    others = [group for group in new_groups if group is not ThreatGroup.SAFETY_SELF_HARM]
    is_more = bool(others) or (has_risen and not is_self_harm)
    outputs: list[Output] = []
    if is_self_harm:
        outputs += _told(_of_kind(alert, AlertKind.SELF_HARM, cause), lookups)
    if is_more:
        if is_self_harm:  # the rise was told just now: whoever counts rises counts one
            alert = replace(alert, previous_level=level)
        outputs += _told(_of_kind(alert, AlertKind.LEVEL_RISE, cause), lookups)
    return outputs


def hand_on(row: Conversation, cause: Cause, *, outputs: Sequence[Output], lookups: Lookups) -> list[Output]:
    """The standing card for whoever has just got the conversation, unless `outputs` of the same event hold a hint.

    The alerts went out before: with nobody on the line, or with a hint to somebody who has left.
    """
    is_self_harm = ThreatGroup.SAFETY_SELF_HARM in row.threats
    is_grave = is_self_harm or row.level.rank >= Level.EXPLICIT.rank
    if not is_grave or row.ended_at_ms is not None or _has_seen_all(row):
        return []
    if any(type(output.value) is Hint for output in outputs):
        return []
    # What was told of somebody who may come to harm stands, whatever was said since.
    standing = Standing(Level.HIGH_RISK if is_self_harm else row.level, row.score, [])
    alert = _alert(row, cause, standing, previous=row.level, lookups=lookups)
    alert = replace(
        alert,
        kind=AlertKind.SELF_HARM if is_self_harm else AlertKind.LEVEL_RISE,
        alert_id=record_id("handed_on", alert.conversation_id, f"{row.agent_id}:{cause.event.event_id}"),
        never_silenced=is_self_harm,
    )
    hint = replace(_hint(alert, lookups), alert_id="")  # no alert goes out with it
    return [Output(HINTS, row.agent_id.encode(), hint)]


def _has_seen_all(row: Conversation) -> bool:
    """Whether the agent had the conversation before, and the customer has not complained since."""
    left_at_ms = max((until_ms for agent_id, until_ms in row.earlier_agents if agent_id == row.agent_id), default=None)
    return left_at_ms is not None and not any(trace.is_complaint and trace.at_ms >= left_at_ms for trace in row.traces)


def _alert(row: Conversation, cause: Cause, standing: Standing, *, previous: Level, lookups: Lookups) -> Alert:
    event, finding, level = cause.event, cause.finding, standing.level
    is_threat = level is Level.HIGH_RISK
    lead_ms = event.occurred_at - row.warned_at_ms if is_threat and row.warned_at_ms is not None else None
    return Alert(
        alert_id=event.event_id,
        kind=AlertKind.LEVEL_RISE,
        fingerprint=event.event_id,
        region=row.region,
        region_source=row.region_source.value,
        city=row.city,
        occurred_at=event.occurred_at,
        emitted_at=cause.emitted_at_ms,
        level=level,
        previous_level=previous,
        score=standing.score,
        reasons=as_reasons(longest_running(row.traces), lookups.reasons),
        keywords=finding.keywords if finding else (),
        evidence=_evidence(row, cause, lookups),
        guards_passed=tuple(dict.fromkeys(hit.guard for hit in finding.guards)) if finding else (),
        score_parts=standing.parts,
        threats=tuple(dict.fromkeys((*row.threats, *cause.threats))) if is_threat else (),
        tags=plain_tags(finding.tags) if finding else (),
        channel=row.channel,
        queue=row.queue,
        product=row.product,
        batch=row.batch,
        conversation_id=event.conversation_id,
        agent_id=row.agent_id,
        customer_key=row.customer_key,
        order_id=row.order_id,
        order_mark="" if row.order_id else row.order_mark,
        customer_type=_customer_type(row),
        background=row.background,
        lead_ms=None if lead_ms is None else max(lead_ms, 0),
        rules_version=lookups.rules_version,
        model_version=lookups.model_version,
        degraded=not lookups.model_version,
        confidence=_confidence(cause, level),
        tenant=row.tenant,
        test=row.test,
    )


def _confidence(cause: Cause, level: Level) -> float | None:
    """What the model holds of the level where one text made it; a level that added up is a sum, not a probability."""
    return cause.finding.confidence if cause.finding is not None and cause.finding.level is level else None


def _of_kind(alert: Alert, kind: AlertKind, cause: Cause) -> Alert:
    """The alert under its own id: the event that caused it makes each rise unique, and a repeat the same."""
    return replace(
        alert,
        kind=kind,
        alert_id=record_id(kind, alert.conversation_id, f"{alert.level}:{cause.event.event_id}"),
        fingerprint=fingerprint(kind, alert.conversation_id),
        never_silenced=kind is AlertKind.SELF_HARM,
    )


def _told(alert: Alert, lookups: Lookups) -> list[Output]:
    outputs = [Output(ALERTS, alert.region.encode(), alert)]
    if alert.agent_id:
        outputs.append(Output(HINTS, alert.agent_id.encode(), _hint(alert, lookups)))
    return outputs


def _hint(alert: Alert, lookups: Lookups) -> Hint:
    level = alert.level or Level.NONE
    advice = lookups.advice.advise(level, alert.threats, alert.customer_type)
    card = advice.card
    return Hint(
        hint_id=fingerprint("hint", alert.alert_id),
        agent_id=alert.agent_id,
        conversation_id=alert.conversation_id,
        level=level,
        reasons=alert.reasons,
        advice=card.say.zh,
        advice_en=card.say.en,
        occurred_at=alert.occurred_at,
        emitted_at=alert.emitted_at,
        keywords=alert.keywords,
        evidence=alert.evidence[:3],
        customer_type=alert.customer_type,
        background=alert.background,
        handling=advice.handling.zh,
        handling_en=advice.handling.en,
        avoid=advice.avoid.zh,
        avoid_en=advice.avoid.en,
        next_step=card.next_step.zh,
        next_step_en=card.next_step.en,
        kind=alert.kind,
        never_silenced=alert.never_silenced,
        threats=alert.threats,
        alert_id=alert.alert_id,
        region=alert.region,
        tenant=alert.tenant,
        test=alert.test,
    )


def _customer_type(row: Conversation) -> str:
    """How the customer came across last."""
    types = [kind for trace in row.traces for kind in tagged_with(trace.tags, CUSTOMER_TYPE)]
    return types[-1] if types else ""


def _evidence(row: Conversation, cause: Cause, lookups: Lookups) -> tuple[Evidence, ...]:
    """What was just said comes first, then the strongest of what was said before and not taken back or deleted."""
    evidence: list[Evidence] = []
    if cause.said is not None and cause.finding is not None and not cause.said.is_deleted:
        evidence += as_evidence(cause.finding.signs, cause.said.utterance_id, lookups)
    earlier = [trace for trace in still_counting(row.traces) if trace.utterance_id != cause.utterance_id]
    for trace in sorted(earlier, key=lambda trace: -trace.score):
        evidence += as_evidence(tuple(sign for sign in trace.signs[:1] if sign.quote), trace.utterance_id, lookups)
    return tuple(evidence[:MAX_EVIDENCE])

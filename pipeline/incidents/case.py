"""A case: one incident as the stage keeps it, and the transitions of its life."""

import msgspec
from msgspec.structs import replace

from pipeline.cards.compose import quote
from pipeline.incidents.muting import LABELS, differing, may_harm
from schemas.actions import Verdict
from schemas.alerts import Alert
from schemas.base import MAX_LIST_ITEMS
from schemas.cards import MAX_SAMPLES
from schemas.deliveries import Receiver
from schemas.incidents import MAX_MEMBERS, IncidentState, ReasonCode
from schemas.vocabulary import Level, ReasonGroup

OPEN = frozenset({IncidentState.OPEN, IncidentState.ACKED})
LATELY_MAX = 50  # alerts whose times are kept
FLAPS = 3  # times over within so long: it flaps
FLAPS_WITHIN_MS = 15 * 60 * 1000
HOLDS_MS = 15 * 60 * 1000


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """One incident: what it is about, how far it has come, what is to happen next and when."""

    incident_id: str
    group: str
    chain: str
    alert: Alert  # the one that says most: first who may come to harm, then the gravest, of equals the newest
    opened_at_ms: int
    updated_at_ms: int
    alerted_at_ms: int  # the last alert
    lately_ms: tuple[int, ...] = ()  # the last few alerts
    quotes: tuple[str, ...] = ()  # masked, one of each of the newest alerts that have any
    state: IncidentState = IncidentState.OPEN
    level: Level = Level.NONE
    members: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    reasons: tuple[ReasonGroup, ...] = ()
    count: int = 0
    reason: ReasonCode = ReasonCode.FIRST  # why somebody is told next
    step: int = 0  # of the chain, the next one
    round: int = 0  # how often the chain began anew
    step_at_ms: int = 0  # when the next step is due; 0: none
    news_at_ms: int = 0  # when new members are told; 0: nothing new
    told_at_ms: int = 0
    tried_at_ms: int = 0  # when a step last reached nobody
    kept_until_ms: int = 0  # not over before for want of new alerts: it waits for hours, or a duty, to be told in
    told: tuple[Receiver, ...] = ()
    acked_by: tuple[str, ...] = ()
    ack_expires_at_ms: int = 0
    mixed: tuple[str, ...] = ()  # labels that not all of its alerts share
    silenced_by: str = ""
    inhibited_by: str = ""
    inhibits: str = ""
    resolved_at_ms: int = 0
    ended_at_ms: tuple[int, ...] = ()  # when it was over by itself, the last few times
    show_at_ms: int = 0  # when growth that was not published is; 0: all is published
    held_until_ms: int = 0  # it comes and goes: held open until it has been over for so long
    is_over_by_itself: bool = False  # what it was about ended, and no person resolved it
    owner: str = ""
    verdict: Verdict | None = None  # the last one, and whose it is
    judged_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still wants somebody."""
        return self.state in OPEN

    @property
    def is_back(self) -> bool:
        """Whether an alert now means that it began anew: it was over by itself, and nobody had resolved it."""
        by_itself = self.is_over_by_itself or self.resolved_at_ms in self.ended_at_ms  # the latter in older rows
        return self.state is IncidentState.RESOLVED and by_itself


def opened(alert: Alert, *, incident_id: str, group: str, chain: str, now_ms: int, first_at_ms: int) -> Case:
    """A new case; its chain begins at `first_at_ms`, or never where it only records."""
    case = Case(
        incident_id=incident_id,
        group=group,
        chain=chain,
        alert=alert,
        opened_at_ms=now_ms,
        updated_at_ms=now_ms,
        alerted_at_ms=now_ms,
        step_at_ms=first_at_ms if chain else 0,
    )
    return joined(case, alert, now_ms=now_ms)


def joined(case: Case, alert: Alert, *, now_ms: int) -> Case:
    """The case with one alert more."""
    level = alert.level or Level.NONE
    members = case.members if len(case.members) >= MAX_MEMBERS else (*case.members, alert.alert_id)
    return replace(
        case,
        alert=alert if _says_more(alert, case) else case.alert,
        level=max(level, case.level, key=lambda each: each.rank),
        members=members,
        regions=_with(case.regions, alert.region),
        reasons=tuple(dict.fromkeys((*case.reasons, *(each.l1 for each in alert.reasons))))[:MAX_LIST_ITEMS],
        count=case.count + 1,
        alerted_at_ms=now_ms,
        lately_ms=(*case.lately_ms, now_ms)[-LATELY_MAX:],
        quotes=_quotes(case, alert),
        mixed=_mixed(case, alert),
        updated_at_ms=now_ms,
    )


def acknowledged(case: Case, actor: str, *, needed: int, expires_at_ms: int, now_ms: int) -> Case:
    """Somebody has it. The chain stands still until the acknowledgement expires; its place is kept."""
    if not case.is_open:
        return case
    acked_by = _with(case.acked_by, actor)
    if len(acked_by) < needed:
        return replace(case, acked_by=acked_by, updated_at_ms=now_ms)
    return replace(
        case,
        state=IncidentState.ACKED,
        acked_by=acked_by,
        owner=case.owner or actor,
        ack_expires_at_ms=expires_at_ms,
        step_at_ms=0,
        news_at_ms=0,
        updated_at_ms=now_ms,
    )


def ack_expired(case: Case, *, now_ms: int) -> Case:
    """Nobody resolved it in time: it is open again and the chain goes on where it stood."""
    return replace(
        case,
        state=IncidentState.OPEN,
        acked_by=(),
        ack_expires_at_ms=0,
        reason=ReasonCode.ACK_EXPIRED,
        step_at_ms=now_ms,
        updated_at_ms=now_ms,
    )


def resolved(case: Case, actor: str, *, now_ms: int) -> Case:
    """It is over; an alert of a higher level can still open it again for a while."""
    if not case.is_open:
        return case
    return replace(
        case,
        state=IncidentState.RESOLVED,
        reason=ReasonCode.RESOLVED,
        owner=case.owner or actor,
        resolved_at_ms=now_ms,
        held_until_ms=0,
        is_over_by_itself=case.is_over_by_itself and not actor,
        ack_expires_at_ms=0,
        step_at_ms=0,
        news_at_ms=0,
        updated_at_ms=now_ms,
    )


def ended(case: Case, *, now_ms: int) -> Case:
    """What it was about is over by itself: noted, and held open where that comes and goes."""
    times = (*(at_ms for at_ms in case.ended_at_ms if at_ms > now_ms - FLAPS_WITHIN_MS), now_ms)[-FLAPS:]
    held_until_ms = now_ms + HOLDS_MS if len(times) == FLAPS else 0
    return replace(case, ended_at_ms=times, held_until_ms=held_until_ms, is_over_by_itself=True, updated_at_ms=now_ms)


def continued(case: Case) -> Case:
    """It has an alert more, so it is not over, whatever was believed."""
    return replace(case, held_until_ms=0, is_over_by_itself=False)


def unfrozen(case: Case, *, now_ms: int) -> Case:
    """What a silence held back is due now."""
    if not case.silenced_by:
        return case
    return replace(
        case,
        step_at_ms=min(case.step_at_ms, now_ms),
        news_at_ms=min(case.news_at_ms, now_ms),
        updated_at_ms=now_ms,
    )


def restarted(case: Case, reason: ReasonCode, *, now_ms: int) -> Case:
    """Graver than anybody was told, or back after it was resolved: the chain begins at its first step, now."""
    return replace(
        case,
        state=IncidentState.OPEN,
        reason=reason,
        step=0,
        round=0,
        step_at_ms=now_ms if case.chain else 0,
        news_at_ms=0,
        acked_by=(),
        ack_expires_at_ms=0,
        resolved_at_ms=0,
        kept_until_ms=0,
        held_until_ms=0,
        is_over_by_itself=False,
        updated_at_ms=now_ms,
    )


def roused(case: Case, *, at_ms: int) -> Case:
    """Nobody was told of it and its chain stood still: it begins at its first step."""
    return replace(case, reason=ReasonCode.FIRST, step=0, round=0, step_at_ms=at_ms, kept_until_ms=0)


def _says_more(alert: Alert, case: Case) -> bool:
    """Whether an alert is the one that a case shows and is judged by from now on."""
    if may_harm(alert) or may_harm(case.alert):
        return may_harm(alert)
    return (alert.level or Level.NONE).rank >= case.level.rank


def _mixed(case: Case, alert: Alert) -> tuple[str, ...]:
    """The labels that a case's alerts do not share; those of less grave ones, of which nobody is told alone, aside."""
    if (alert.level or Level.NONE).rank < case.level.rank:
        return case.mixed
    mixed = differing(case.alert, alert)
    return tuple(name for name in LABELS if name in mixed or name in case.mixed)


def _quotes(case: Case, alert: Alert) -> tuple[str, ...]:
    """What the newest alerts were about, in the words of as many customers as a card has room for."""
    new = next((quote(each) for each in alert.evidence if each.text_masked), "")
    return (*case.quotes, new)[-MAX_SAMPLES:] if new and new not in case.quotes else case.quotes


def _with(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return values if not value or value in values or len(values) >= MAX_LIST_ITEMS else (*values, value)

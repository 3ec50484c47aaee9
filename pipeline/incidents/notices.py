"""Notices: what a case says to whom, as notifications, receipts of what was not said, and the incident's snapshot."""

from pipeline.cards.compose import Standing, compose, place_name, subject
from pipeline.conversation.advice import AdviceBook
from pipeline.conversation.ids import fingerprint, record_id
from pipeline.incidents.case import Case
from pipeline.incidents.plan import Plan
from pipeline.incidents.receivers import Addressed
from pipeline.stage import Output
from pipeline.times import in_china
from pipeline.words import LEVELS
from schemas.alerts import Alert
from schemas.deliveries import BudgetClass, Notification, Outcome, Receipt, Result
from schemas.incidents import Incident, ReasonCode
from schemas.topics import INCIDENTS, NOTIFICATIONS, RECEIPTS
from schemas.vocabulary import Level

_CLASSES = {Level.HIGH_RISK: BudgetClass.RESERVED, Level.EXPLICIT: BudgetClass.NORMAL}
# After so long a message is no news any more: whoever is reached then is told by a later step.
_NEWS_FOR_MS = {BudgetClass.RESERVED: 2 * 3_600_000, BudgetClass.NORMAL: 3_600_000, BudgetClass.DIGEST: 6 * 3_600_000}


def notification(
    case: Case,
    to: Addressed,
    reason: ReasonCode,
    *,
    advice: AdviceBook,
    plan: Plan,
    now_ms: int,
    redraws: str = "",
    quiet: str = "",
) -> Output:
    """One message about a case to one receiver. Its id is made of what caused it, so a repeat has the same.

    One that `redraws` is no news: the card that the receiver has is drawn anew, where there is one; the text says what
    caused it. `quiet` says until when the case is silenced, and by whom.
    """
    budget_class = _CLASSES.get(case.level, BudgetClass.DIGEST)
    standing = Standing(
        count=case.count,
        quotes=case.quotes if case.count > 1 else (),
        told_because=reason,
        step=case.step,
        acked_by=", ".join(case.acked_by),
        lasted_ms=max(now_ms - case.opened_at_ms, 0),
        verdict=case.verdict,
        judged_by=case.judged_by,
        quiet=quiet,
        board_url=plan.board_url,
        runbook_url=plan.runbook_url,
        stands_for=", ".join(f"{each.to}@{each.channel}" for each in to.stands_for),
    )
    channel = to.receiver.channel
    cause = f"{reason}:{redraws}" if redraws else _cause(case, reason)
    value = Notification(
        notification_id=record_id(
            "redraw" if redraws else "notice", case.incident_id, f"{cause}:{channel}:{to.receiver.to}"
        ),
        channel=channel,
        to=to.receiver.to,
        incident_id=case.incident_id,
        step=case.step,
        budget_class=budget_class,
        dedup_key=fingerprint("incident", case.incident_id),
        card=compose(case.alert, standing, advice=advice),
        not_after=now_ms + _NEWS_FOR_MS[budget_class],
        region=case.alert.region,
        alternatives=to.alternatives,
        stands_for=to.stands_for,
        emitted_at=now_ms,
        test=case.alert.test,
        redraws=bool(redraws),
        card_ref=to.card_ref,
    )
    return Output(NOTIFICATIONS, channel.encode(), value)


def suppressed(case: Case, outcome: Outcome, *, by: str, now_ms: int) -> Output:
    """That a case was not told, and because of what: nothing is left out in silence."""
    value = Receipt(
        notification_id=record_id("notice", case.incident_id, f"{outcome}:{_cause(case, case.reason)}"),
        result=Result.SUPPRESSED,
        reason=outcome,
        attempt=0,
        latency_ms=0,
        at=now_ms,
        incident_id=case.incident_id,
        muted_by=by,
    )
    return Output(RECEIPTS, case.incident_id.encode(), value)


def untold(alert: Alert) -> Output:
    """That an alert opened no incident and joined none: whoever adds up alerts finds each of them somewhere."""
    value = Receipt(
        notification_id=record_id("alert", alert.alert_id, Outcome.NO_INCIDENT),
        result=Result.SUPPRESSED,
        reason=Outcome.NO_INCIDENT,
        attempt=0,
        latency_ms=0,
        at=alert.emitted_at,
    )
    return Output(RECEIPTS, alert.alert_id.encode(), value)


def snapshot(case: Case) -> Output:
    """The incident as it stands, for every reader."""
    value = Incident(
        incident_id=case.incident_id,
        fingerprint=case.alert.fingerprint,
        state=case.state,
        level=case.level,
        title=f"{place_name(case.alert)} · {subject(case.alert)} · {LEVELS[case.level]}",
        regions=case.regions,
        reasons=case.reasons,
        members=case.members,
        count=case.count,
        opened_at=case.opened_at_ms,
        updated_at=case.updated_at_ms,
        step=case.step,
        reason_code=case.reason,
        acked_by=", ".join(case.acked_by)[:128],
        ack_expires_at=case.ack_expires_at_ms or None,
        owner=case.owner,
        verdict=case.verdict,
        silenced_by=case.silenced_by,
        inhibited_by=case.inhibited_by,
        test=case.alert.test,
    )
    return Output(INCIDENTS, case.incident_id.encode(), value)


def told_until(at_ms: int) -> str:
    """Until when, as a card says it."""
    return f"至 {in_china(at_ms):%m-%d %H:%M}"


def _cause(case: Case, reason: ReasonCode) -> str:
    if reason is ReasonCode.NEW_MEMBERS:
        return f"{reason}:{case.count}"
    if reason is ReasonCode.RESOLVED:
        return f"{reason}:{case.resolved_at_ms}"
    return f"{reason}:{case.round}.{case.step}:{case.step_at_ms}"

"""One batch of alerts, actions, crossings or ticks: incidents open, grow, are told, escalate, are acknowledged and end.

Events are taken one by one, and before each a case is brought up to the event's own moment: what was due until then
has happened when it was due. So it makes no difference where a batch ends or how often the clock ticks.
"""

from msgspec.structs import replace

from pipeline.conversation.advice import AdviceBook
from pipeline.conversation.ids import record_id
from pipeline.incidents import case as cases
from pipeline.incidents.agents import is_complaint
from pipeline.incidents.book import Book, IncidentRow
from pipeline.incidents.case import Case
from pipeline.incidents.grouping import group_of
from pipeline.incidents.muting import may_harm
from pipeline.incidents.plan import Plan, milliseconds
from pipeline.incidents.progress import Progress
from pipeline.incidents.routing import route_of
from pipeline.incidents.rulings import refusal
from pipeline.incidents.silences import ruled
from pipeline.stage import Batch, Effects, Rows
from schemas.actions import Action, ActionKind
from schemas.alerts import Alert
from schemas.audits import ActionResult
from schemas.crossings import AgentComplaint, Inhibition
from schemas.deliveries import Outcome
from schemas.incidents import IncidentState, ReasonCode
from schemas.ticks import Tick
from schemas.vocabulary import Level

# Said about what happened, of whatever is over too: nothing about who is told changes.
_SAID = frozenset({ActionKind.VERDICT, ActionKind.COMMENT})
_OF_SILENCES = frozenset({ActionKind.SILENCE, ActionKind.UNSILENCE, ActionKind.CONSENT})


def fold(batch: Batch, rows: Rows[IncidentRow], *, plan: Plan, advice: AdviceBook) -> Effects[IncidentRow]:
    """Fold a batch into its incidents. Changes nothing: rows and outputs are returned."""
    turn = _Turn(Book(rows, advice, plan), plan)
    for event, record in zip(batch.events, batch.records, strict=True):
        if isinstance(event, Alert):
            turn.take_alert(event)
        elif isinstance(event, Action):
            # Whoever acts has a clock of their own; one that is ahead must not let a chain run to its end.
            turn.take_action(event, at_ms=min(event.at, record.timestamp or event.at))
        elif isinstance(event, Inhibition):
            turn.book.count_inhibitor(event.region, event.mutes, 1 if event.is_open else -1)
        elif isinstance(event, AgentComplaint):
            turn.book.hear_of_agent(event)
        elif isinstance(event, Tick):
            turn.take_tick(event)
    return turn.book.effects


class _Turn:
    """What alerts, people and ticks do to cases."""

    def __init__(self, book: Book, plan: Plan) -> None:
        self.book = book
        self._plan = plan
        self._progress = Progress(book, plan)

    def take_alert(self, alert: Alert) -> None:
        """Open an incident, or let the alert join the one that it belongs to."""
        group = group_of(alert)
        case = self._current(group.key, alert.emitted_at)
        if group.is_over and case is not None:
            now_ms = max(alert.emitted_at, case.updated_at_ms)
            self._progress.advance(self._progress.end(case, now_ms=now_ms), now_ms)
            return
        if is_complaint(alert):
            self.book.tell_of_agent(alert)
        if case is not None:
            if alert.alert_id not in case.members:  # else a repeat
                now_ms = max(alert.emitted_at, case.updated_at_ms)
                self._progress.advance(self._joined(case, alert, now_ms=now_ms), now_ms)
            return
        route = route_of(alert, self._plan)
        if route is None or group.is_over or not group.may_open:
            self.book.leave_untold(alert)
            return
        case = cases.opened(
            alert,
            incident_id=record_id("incident", group.key, alert.alert_id),
            group=group.key,
            chain=route.chain,
            now_ms=alert.emitted_at,
            first_at_ms=alert.emitted_at + (0 if group.is_urgent else milliseconds(route.group_wait)),
        )
        if not case.chain:
            self.book.suppress(case, Outcome.RECORD_ONLY, now_ms=alert.emitted_at)
        self._progress.advance(self._progress.inhibiting(case, now_ms=alert.emitted_at), alert.emitted_at)

    def take_action(self, action: Action, *, at_ms: int) -> None:
        """What a person did, once, if they may; what became of it is published, also of what is refused."""
        result = refusal(action, self._plan, at_ms=at_ms)
        if result is None:
            is_repeated = self.book.is_repeated(action)
            result = ActionResult.REPEATED if is_repeated else self._result(action, at_ms=at_ms)
        self.book.audit(action, result, at_ms=at_ms)

    def _result(self, action: Action, *, at_ms: int) -> ActionResult:
        if action.action in _OF_SILENCES:
            return self._silence(action, at_ms=at_ms)
        case = self._named(action.incident_id or "", at_ms)
        if action.action in _SAID:
            if case is not None and action.verdict is not None:
                self._judged(case, action, now_ms=max(at_ms, case.updated_at_ms))
            return ActionResult.TAKEN
        if case is None:
            return ActionResult.UNKNOWN_INCIDENT
        now_ms = max(at_ms, case.updated_at_ms)
        changed = self._acted(case, action, now_ms=now_ms)
        if changed is case:
            return ActionResult.UNCHANGED
        if changed.state is not IncidentState.OPEN:
            self.book.link(changed, action, now_ms=now_ms)
        self._progress.advance(changed, now_ms)
        return ActionResult.TAKEN

    def take_tick(self, tick: Tick) -> None:
        """What was due until now happens."""
        for case in self.book.wake(tick.now_ms):
            self._progress.advance(case, tick.now_ms)

    def _joined(self, case: Case, alert: Alert, *, now_ms: int) -> Case:
        grown = cases.continued(cases.joined(case, alert, now_ms=now_ms))
        is_graver = grown.level.rank > case.level.rank or _is_new_harm(case, alert)
        if is_graver:
            route = route_of(alert, self._plan)
            grown = replace(grown, chain=route.chain if route is not None else grown.chain)
        if is_graver or case.is_back:
            reason = ReasonCode.REOPENED if case.state is IncidentState.RESOLVED else ReasonCode.LEVEL_RAISED
            begun = cases.restarted(grown, reason, now_ms=now_ms)
            if not begun.chain:
                self.book.suppress(begun, Outcome.RECORD_ONLY, now_ms=now_ms)
            return self._progress.inhibiting(begun, now_ms=now_ms)
        if grown.silenced_by and self.book.silence_of(grown, now_ms=now_ms) is None:  # this one is not silenced
            grown = cases.unfrozen(grown, now_ms=now_ms)
        if grown.state is IncidentState.OPEN and grown.told and (may_harm(alert) or not grown.news_at_ms):
            wait_ms = 0 if may_harm(alert) else milliseconds(self._plan.group_interval)
            return replace(grown, news_at_ms=max(grown.told_at_ms + wait_ms, now_ms))
        return self._progress.rouse(grown, now_ms=now_ms)

    def _acted(self, case: Case, action: Action, *, now_ms: int) -> Case:
        if action.action is ActionKind.ACK:
            chain = self._progress.chain(case)
            lasts_ms = milliseconds(self._plan.high_risk_ack_lasts if _is_grave(case) else self._plan.ack_lasts)
            acked = cases.acknowledged(
                case, action.actor, needed=chain.acks_needed, expires_at_ms=now_ms + lasts_ms, now_ms=now_ms
            )
            if acked.acked_by != case.acked_by:
                self._progress.redraw(acked, case.reason, now_ms=now_ms, cause=action.action_id, pressed=action.card)
            return acked
        if action.action in {ActionKind.RESOLVE, ActionKind.CLOSE_HIGH_RISK}:
            return self._progress.resolve(case, action.actor, now_ms=now_ms, pressed=action.card)
        if action.action is ActionKind.ESCALATE and case.is_open:
            at_ms = now_ms if self._progress.chain(case).steps else 0
            return replace(case, state=IncidentState.OPEN, step_at_ms=at_ms, ack_expires_at_ms=0, updated_at_ms=now_ms)
        return case

    def _silence(self, action: Action, *, at_ms: int) -> ActionResult:
        standing = tuple(each for each in self.book.of_region(action.region).silences if each.ends_at_ms > at_ms)
        after = ruled(standing, action)
        self.book.silence(action.region, after.standing)
        changed = after.changed
        case = self._named(changed.names_incident, at_ms) if changed is not None else None
        if case is not None and changed is not None and case.is_open and changed.silence.starts_at <= at_ms:
            now_ms = max(at_ms, case.updated_at_ms)
            is_quiet = self.book.silence_of(case, now_ms=now_ms) is not None
            reason = ReasonCode.SILENCED if is_quiet else ReasonCode.SILENCE_ENDED
            self._progress.redraw(case, reason, now_ms=now_ms, cause=action.action_id, pressed=action.card)
            if not is_quiet:
                self._progress.advance(cases.unfrozen(case, now_ms=now_ms), now_ms)
        return after.result

    def _judged(self, case: Case, action: Action, *, now_ms: int) -> None:
        judged = replace(case, verdict=action.verdict, judged_by=action.actor, updated_at_ms=now_ms)
        if (judged.verdict, judged.judged_by) != (case.verdict, case.judged_by):
            self._progress.redraw(judged, ReasonCode.JUDGED, now_ms=now_ms, cause=action.action_id, pressed=action.card)
            self._progress.advance(judged, now_ms)

    def _named(self, incident_id: str, at_ms: int) -> Case | None:
        """The case of an incident as it is at a moment; None where there is none (any more)."""
        group = self.book.of_incident(incident_id) if incident_id else ""
        case = self._current(group, at_ms) if group else None
        return case if case is not None and case.incident_id == incident_id else None

    def _current(self, group: str, at_ms: int) -> Case | None:
        """The case of a group as it is at a moment: what was due before has happened."""
        row = self.book.of_group(group)
        if row.case is not None and 0 < row.wake_at_ms <= at_ms:
            self._progress.advance(row.case, at_ms)
            row = self.book.of_group(group)
        return row.case


def _is_new_harm(case: Case, alert: Alert) -> bool:
    """Whether somebody may come to harm of which whoever has the case, or had it, was not told."""
    return may_harm(alert) and not (may_harm(case.alert) and case.state is IncidentState.OPEN)


def _is_grave(case: Case) -> bool:
    return case.level is Level.HIGH_RISK

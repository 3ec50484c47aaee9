"""Progress: what becomes of a case as time passes, each thing at the moment at which it was due."""

from msgspec.structs import replace

from pipeline.incidents import case as cases
from pipeline.incidents.book import Book
from pipeline.incidents.case import Case
from pipeline.incidents.drills import in_drill
from pipeline.incidents.escalation import Due, after_step, is_skipped, next_due, next_opening, waiting
from pipeline.incidents.grouping import drill_prefix
from pipeline.incidents.muting import inhibited_by, inhibits
from pipeline.incidents.plan import Chain, Plan, Step, milliseconds
from pipeline.incidents.receivers import Addressed, Reach, calendar_of, fallback, present, reach
from pipeline.incidents.routing import route_of
from schemas.actions import PressedCard
from schemas.deliveries import Outcome
from schemas.incidents import MAX_MEMBERS, IncidentState, ReasonCode
from schemas.vocabulary import Level

_SHOWN_AS = {IncidentState.RESOLVED: ReasonCode.RESOLVED, IncidentState.ACKED: ReasonCode.ACKED}
SHOWN_WITHIN_MS = 10_000  # of a large incident that grows, the board sees this much later how far
_DUES_MAX = 1_000  # of one case at one time: a plan that wants more is wrong, and must not hang a worker


class Progress:
    """Moves cases through time, by a plan, writing into the book of the turn."""

    def __init__(self, book: Book, plan: Plan) -> None:
        self._book = book
        self._plan = plan
        self._calendar = calendar_of(plan)

    def advance(self, case: Case, until_ms: int) -> None:
        """Let everything happen that is due, then keep the case."""
        for _ in range(_DUES_MAX):
            due = next_due(case, self._plan)
            if due.at_ms > until_ms:
                break
            if due.due is Due.CLOSES:
                self._book.forget(replace(case, state=IncidentState.CLOSED, updated_at_ms=due.at_ms))
                return
            case = self._happens(case, due.due, now_ms=due.at_ms)
        is_shown = self._book.shows(case)
        shown_by_ms = case.show_at_ms or case.updated_at_ms + SHOWN_WITHIN_MS
        case = replace(case, show_at_ms=0 if is_shown else shown_by_ms)
        self._book.keep(case, wake_at_ms=next_due(case, self._plan).at_ms, is_shown=is_shown)

    def resolve(self, case: Case, actor: str, *, now_ms: int, pressed: PressedCard | None = None) -> Case:
        """It is over, and everybody who was told is told so."""
        over = cases.resolved(case, actor, now_ms=now_ms)
        if over is case:
            return case
        self.redraw(over, ReasonCode.RESOLVED, now_ms=now_ms, pressed=pressed)
        for receiver in present(case.told, self._plan):
            self._book.notify(over, Addressed(receiver), ReasonCode.RESOLVED, now_ms=now_ms)
        self._book.inhibit(over, over.inhibits, is_open=False, now_ms=now_ms)
        return replace(over, inhibits="")

    def redraw(
        self,
        case: Case,
        open_because: ReasonCode,
        *,
        now_ms: int,
        cause: str = "",
        pressed: PressedCard | None = None,
    ) -> None:
        """Cards that were sent of a case say how it stands; of one that is open, why they are drawn."""
        reason = _SHOWN_AS.get(case.state, open_because)
        self._book.redraw(case, reason, cause=cause or str(case.updated_at_ms), now_ms=now_ms, pressed=pressed)

    def end(self, case: Case, *, now_ms: int) -> Case:
        """What it was about is over by itself; of what comes and goes nobody is told each time."""
        if not case.is_open:
            return case
        over = cases.ended(case, now_ms=now_ms)
        return over if over.held_until_ms else self.resolve(over, "", now_ms=now_ms)

    def inhibiting(self, case: Case, *, now_ms: int) -> Case:
        """The case with what it mutes entered where it mutes."""
        name = inhibits(case.alert)
        if name == case.inhibits:
            return case
        self._book.inhibit(case, case.inhibits, is_open=False, now_ms=now_ms)
        self._book.inhibit(case, name, is_open=True, now_ms=now_ms)
        return replace(case, inhibits=name)

    def chain(self, case: Case) -> Chain:
        """The chain of a case; one without steps where it only records.

        Of a chain that the plan has no more, the one to which the case's alert would go now.
        """
        name = case.chain
        if name and name not in self._plan.chains:
            route = route_of(case.alert, self._plan)
            name = route.chain if route is not None else ""
        return self._plan.chains.get(name) or Chain(())

    def rouse(self, case: Case, *, now_ms: int) -> Case:
        """The case, its chain begun where nobody was told yet, no step is about to tell anybody, and one would now."""
        if case.state is not IncidentState.OPEN or case.told:
            return case
        holds = [not is_skipped(step, case, calendar=self._calendar, now_ms=now_ms) for step in self.chain(case).steps]
        is_between_rounds = case.round > 0 and case.step == 0
        is_near = case.step_at_ms > 0 and not is_between_rounds and any(holds[case.step : case.step + 1])
        if is_near or not any(holds):
            return case
        # Where nobody could be reached, that is tried again at the pace of news, not of alerts.
        again_ms = case.tried_at_ms + milliseconds(self._plan.group_interval) if case.tried_at_ms else now_ms
        return cases.roused(case, at_ms=max(now_ms, again_ms))

    def _happens(self, case: Case, due: Due, *, now_ms: int) -> Case:
        if due is Due.ACK_EXPIRES:
            expired = cases.ack_expired(case, now_ms=now_ms)
            self.redraw(expired, ReasonCode.ACK_EXPIRED, now_ms=now_ms)
            return expired
        if due is Due.SHOWS:
            return replace(case, show_at_ms=0, updated_at_ms=now_ms)
        if due in {Due.RESOLVES, Due.SETTLES}:
            return self.resolve(case, "", now_ms=now_ms)
        muted = self._muted(case, due, now_ms=now_ms)
        if muted is not None:
            return muted
        case = replace(case, silenced_by="", inhibited_by="", updated_at_ms=now_ms)
        return self._news(case, now_ms=now_ms) if due is Due.NEWS else self._step(case, now_ms=now_ms)

    def _news(self, case: Case, *, now_ms: int) -> Case:
        """Those who were told hear what joined; where all of them have left, the chain begins."""
        receivers = present(case.told, self._plan)
        for receiver in receivers:
            self._book.notify(case, Addressed(receiver), ReasonCode.NEW_MEMBERS, now_ms=now_ms)
        if receivers:
            return replace(case, news_at_ms=0, told_at_ms=now_ms)
        self._book.suppress(case, Outcome.NOBODY, now_ms=now_ms)
        return self.rouse(replace(case, told=(), news_at_ms=0), now_ms=now_ms)

    def _step(self, case: Case, *, now_ms: int) -> Case:
        """One step of the chain: tell whom it means, or wait for whose duty begins."""
        chain = self.chain(case)
        if not chain.steps:  # the plan changed, and its route tells nobody now
            self._book.suppress(case, Outcome.RECORD_ONLY, now_ms=now_ms)
            return replace(case, step_at_ms=0)
        if case.step >= len(chain.steps):  # the plan changed, and its chain is shorter now
            return replace(case, step=0, reason=ReasonCode.REMINDER, step_at_ms=now_ms)
        step = chain.steps[case.step]
        if is_skipped(step, case, calendar=self._calendar, now_ms=now_ms):
            return self._after_step(case, chain, is_tried=False, now_ms=now_ms)
        reached = self._reach(step, case, now_ms=now_ms)
        waits_until_ms = reached.waits_until_ms or 0
        is_waiting = waits_until_ms > now_ms
        addressed = reached.addressed or self._fallback(case)
        if case.alert.test:
            addressed = in_drill(addressed, self._plan)
        if is_waiting:
            addressed = tuple(each for each in addressed if each.receiver not in case.told)
        case = self._tell(case, addressed, now_ms=now_ms)
        if is_waiting:
            return waiting(case, self._plan, step=case.step, until_ms=waits_until_ms)
        if not addressed:
            self._book.suppress(case, Outcome.NOBODY, now_ms=now_ms)
            case = replace(case, tried_at_ms=now_ms)
        return self._after_step(case, chain, is_tried=True, now_ms=now_ms)

    def _reach(self, step: Step, case: Case, *, now_ms: int) -> Reach:
        """Whom a step reaches; turns of teams are taken by that."""
        region, prefix = case.alert.region, drill_prefix(case.alert)
        turns = self._book.turns(region, prefix)
        reached = reach(step, case.alert, self._plan, now_ms=now_ms, turns=turns, told=case.told)
        self._book.take_turns(region, prefix, reached.turns)
        return reached

    def _fallback(self, case: Case) -> tuple[Addressed, ...]:
        """Whom to tell where nobody else is: of high risk somebody always hears."""
        return fallback(self._plan) if case.level is Level.HIGH_RISK else ()

    def _tell(self, case: Case, addressed: tuple[Addressed, ...], *, now_ms: int) -> Case:
        for each in addressed:
            self._book.notify(case, each, case.reason, now_ms=now_ms)
        told = tuple(dict.fromkeys((*case.told, *(each.receiver for each in addressed))))[:MAX_MEMBERS]
        return replace(case, told=told, told_at_ms=now_ms if addressed else case.told_at_ms)

    def _after_step(self, case: Case, chain: Chain, *, is_tried: bool, now_ms: int) -> Case:
        """What follows a step. A round that told nobody waits for the hours of a step; without any, that is said."""
        after = after_step(case, chain, self._plan, now_ms=now_ms)
        if case.told or (after.step_at_ms and after.round == case.round):
            return after
        addressed = () if is_tried else self._fallback(case)
        if case.alert.test:
            addressed = in_drill(addressed, self._plan)
        told = self._tell(case, addressed, now_ms=now_ms)
        after = replace(after, told=told.told, told_at_ms=told.told_at_ms)
        opening = next_opening(case, chain, calendar=self._calendar, now_ms=now_ms)
        if opening is not None:
            at_ms, step = opening
            return waiting(replace(after, round=case.round, reason=case.reason), self._plan, step=step, until_ms=at_ms)
        if not is_tried and not addressed:
            self._book.suppress(case, Outcome.NOBODY, now_ms=now_ms)
        return after

    def _muted(self, case: Case, due: Due, *, now_ms: int) -> Case | None:
        """The case frozen by a silence or by something larger; None where it may be told."""
        silence = self._book.silence_of(case, now_ms=now_ms)
        inhibitors = self._book.of_region(case.alert.region).inhibitors
        inhibitor = inhibited_by(case.alert, inhibitors, mixed=case.mixed) if silence is None else ""
        if silence is None and not inhibitor:
            return None
        again_ms = now_ms + milliseconds(self._plan.group_interval)  # what mutes may end before its time
        again_ms = again_ms if silence is None else min(again_ms, silence.ends_at_ms)
        by = silence.silence_id if silence is not None else ""
        if (by, inhibitor) != (case.silenced_by, case.inhibited_by):
            outcome = Outcome.SILENCED if by else Outcome.INHIBITED
            self._book.suppress(case, outcome, by=by or inhibitor, now_ms=now_ms)
            if silence is not None and not silence.names_incident:  # else it was shown when it was made
                self.redraw(case, ReasonCode.SILENCED, now_ms=now_ms, cause=by)
        case = replace(case, silenced_by=by, inhibited_by=inhibitor, updated_at_ms=now_ms)
        return replace(case, step_at_ms=again_ms) if due is Due.STEP else replace(case, news_at_ms=again_ms)

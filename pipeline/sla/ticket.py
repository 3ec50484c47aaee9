"""The row of a ticket: `(row, event) -> (row, what changed)` and `(row, tick) -> (row, what is to be told)`.

The newest facts are kept in order of event time, so an event that comes late is put where it belongs and the clocks
are reckoned anew from there; what was told stays told. Facts beyond that memory live on in `base`.
"""

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from pipeline.sla.advance import advance
from pipeline.sla.clock import Clock, Phase, due_at, elapsed_at
from pipeline.sla.facts import Fact, placed
from pipeline.sla.parking import UNHEARD_AFTER_MS, UNHEARD_CUSTOMER
from pipeline.sla.policy import Goal, SlaPack
from pipeline.sla.standing import Standing
from pipeline.sla.warnings import Notice, ahead_again, due_notice, held_until, next_instant, told_key, untold_breach
from schemas.sla_clocks import LedgerEntry, LedgerKind

MAX_FACTS = 64
MAX_SETTLED = 32  # clocks
MAX_LEDGER = 40  # of a row; the whole account is reckoned from the events by `tocsin sla explain`
KEPT_AFTER_MS = 30 * 24 * 60 * 60 * 1000  # how long a ticket that is over may be reopened and still be known

_EMPTY = Standing()


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One ticket: its newest facts, what they add up to, and what was told about it."""

    standing: Standing = _EMPTY
    facts: tuple[Fact, ...] = ()
    base: Standing = _EMPTY  # before the first of `facts`
    ledger: tuple[LedgerEntry, ...] = ()
    told: dict[str, int] = {}
    taken_back: dict[str, int] = {}  # told of a former target and ahead again: the instant that nobody hears of twice
    pack_version: str = ""
    settled: tuple[Clock, ...] = ()  # that were over when the policies changed: what was met by then was met
    late_count: int = 0
    next_at_ms: int = 0  # when time alone has something to do here; 0 for never


class Told(NamedTuple):
    """A ticket after a moment has come, and whom that concerns."""

    ticket: Ticket
    notices: tuple[Notice, ...]


def take(ticket: Ticket, fact: Fact, pack: SlaPack, *, max_ledger: int = MAX_LEDGER) -> Told:
    """The ticket with one fact more, wherever it belongs in time; tells of what was too late when it stopped."""
    if fact.at_ms < ticket.base.last_at_ms:
        fact = replace(fact, at_ms=ticket.base.last_at_ms)
    if ticket.pack_version not in {"", pack.version}:
        ticket = _under(ticket, pack, at_ms=fact.at_ms)
    facts, place = placed(ticket.facts, fact)
    known = ticket.standing.clocks
    if place == len(ticket.facts):
        standing, entries = advance(ticket.standing, fact, pack)
        ticket = replace(ticket, facts=facts, standing=standing, ledger=(*ticket.ledger, *entries))
    else:
        ticket = _reckoned(replace(ticket, facts=facts, late_count=ticket.late_count + 1), pack)
    ticket = _to_tell_again(ticket, known, pack, at_ms=ticket.standing.last_at_ms)
    if len(facts) > MAX_FACTS:
        base = _as_settled(advance(ticket.base, facts[0], pack).standing, ticket.settled)
        ticket = replace(ticket, base=base, facts=facts[1:])
    ticket = replace(ticket, pack_version=pack.version)
    return _tell(ticket, pack, now_ms=None, max_ledger=max_ledger)


def tick(ticket: Ticket, pack: SlaPack, *, now_ms: int, max_ledger: int = MAX_LEDGER) -> Told:
    """What a moment that has come makes of a ticket."""
    if ticket.pack_version not in {"", pack.version}:
        ticket = _under(ticket, pack, at_ms=now_ms)
    standing = ticket.standing
    unheard = standing.unheard_since_ms
    if unheard and now_ms - unheard >= UNHEARD_AFTER_MS and UNHEARD_CUSTOMER not in standing.findings:
        standing = replace(standing, findings=(*standing.findings, UNHEARD_CUSTOMER))
        ticket = replace(ticket, standing=standing)
    return _tell(ticket, pack, now_ms=now_ms, max_ledger=max_ledger)


def with_finding(ticket: Ticket, finding: str) -> Ticket:
    """The ticket with something that only other tickets together with it showed."""
    standing = ticket.standing
    findings = tuple(dict.fromkeys((*standing.findings, finding)))
    return replace(ticket, standing=replace(standing, findings=findings))


def is_forgotten(ticket: Ticket, now_ms: int) -> bool:
    """Whether a ticket has been over for so long that nobody will reopen it."""
    standing = ticket.standing
    return bool(standing.is_over or standing.merged_into) and now_ms >= standing.last_at_ms + KEPT_AFTER_MS


def _under(ticket: Ticket, pack: SlaPack, *, at_ms: int) -> Ticket:
    """The ticket by another version of the policies: what goes on goes by that, what was over stays as it was."""
    settled = [clock for clock in ticket.standing.clocks if clock.phase is Phase.STOPPED]
    known = {clock.id for clock in settled}
    settled = [*(clock for clock in ticket.settled if clock.id not in known), *settled]
    reckoned = _reckoned(replace(ticket, settled=tuple(settled[-MAX_SETTLED:])), pack)
    entries = _exchanged(ticket, reckoned.standing, pack, at_ms=at_ms)
    reckoned = replace(reckoned, ledger=(*ticket.ledger, *entries), pack_version=pack.version)
    return _to_tell_again(reckoned, ticket.standing.clocks, pack, at_ms=at_ms)


def _to_tell_again(ticket: Ticket, known: tuple[Clock, ...], pack: SlaPack, *, at_ms: int) -> Ticket:
    """The ticket after targets may have been raised: what then lies ahead once more is told when it comes."""
    policy = pack.policy(ticket.standing.policy)
    targets = {clock.id: clock.target_ms for clock in known}
    ahead: dict[str, int] = {}
    for clock in ticket.standing.clocks:
        goal = policy.goals.get(clock.goal) if policy else None
        if goal is not None and clock.target_ms > targets.get(clock.id, clock.target_ms):
            ahead |= ahead_again(clock, goal, ticket.told, at_ms=at_ms)
    if not ahead:
        return ticket
    told = {key: moment for key, moment in ticket.told.items() if key not in ahead}
    live = {clock.id for clock in ticket.standing.clocks}
    taken_back = {key: at for key, at in (ticket.taken_back | ahead).items() if key.rpartition(":")[0] in live}
    return replace(ticket, told=told, taken_back=taken_back)


def _exchanged(before: Ticket, standing: Standing, pack: SlaPack, *, at_ms: int) -> list[LedgerEntry]:
    """A line for each clock that goes on with another target, or under another calendar until another moment."""
    policy = pack.policy(standing.policy)
    targets = {clock.id: clock.target_ms for clock in before.standing.clocks}
    dues = {entry.clock: entry.due_after for entry in before.ledger if entry.due_after is not None}
    entries = []
    for clock in standing.clocks:
        goal = policy.goals.get(clock.goal) if policy else None
        if goal is None or clock.phase not in {Phase.RUNNING, Phase.PAUSED}:
            continue
        due_ms, known_ms = due_at(clock, goal), dues.get(clock.id)
        is_retargeted = targets.get(clock.id) != clock.target_ms
        if is_retargeted or (due_ms is not None and known_ms is not None and due_ms != known_ms):
            entries.append(
                LedgerEntry(
                    at=at_ms,
                    kind=LedgerKind.POLICY if is_retargeted else LedgerKind.CALENDAR,
                    clock=clock.id,
                    by="tocsin",
                    why=f"policies:{pack.version}",
                    elapsed_before=elapsed_at(clock, goal, max(at_ms, clock.since_ms)),
                    due_before=known_ms,
                    due_after=due_ms,
                )
            )
    return entries


def _as_settled(standing: Standing, settled: tuple[Clock, ...]) -> Standing:
    """The standing with the clocks that were over under former policies as they were then.

    One that stopped later than it had by then was reopened since: that is another stop, reckoned like any.
    """
    if not settled:
        return standing
    known = {clock.id: clock for clock in settled}
    clocks = []
    for clock in standing.clocks:
        then = known.get(clock.id, clock)
        is_as_then = clock.phase is Phase.STOPPED and clock.since_ms <= then.since_ms
        clocks.append(then if is_as_then else clock)
    return replace(standing, clocks=tuple(clocks))


def _reckoned(ticket: Ticket, pack: SlaPack) -> Ticket:
    """The clocks of all facts from the beginning; lines of the ledger that no fact wrote stay where they are."""
    standing = ticket.base
    entries: list[LedgerEntry] = []
    for fact in ticket.facts:
        standing, found = advance(standing, fact, pack)
        entries += found
        standing = _as_settled(standing, ticket.settled)
    written = {fact.event_id for fact in ticket.facts}
    kept = [entry for entry in ticket.ledger if entry.event_id not in written]
    ledger = sorted((*kept, *entries), key=lambda entry: entry.at)
    findings = tuple(dict.fromkeys((*standing.findings, *ticket.standing.findings)))
    return replace(ticket, standing=replace(standing, findings=findings), ledger=tuple(ledger))


def _tell(ticket: Ticket, pack: SlaPack, *, now_ms: int | None, max_ledger: int) -> Told:
    """Notices that are due, noted as told; without a moment, only what clocks that stand still have not told."""
    standing, told = ticket.standing, ticket.told
    policy = pack.policy(standing.policy)
    notices: list[Notice] = []
    entries: list[LedgerEntry] = []
    instants: list[int] = []
    for clock in standing.clocks:
        goal = policy.goals.get(clock.goal) if policy else None
        notice = untold_breach(clock, goal, told)
        noted = {told_key(clock, notice.key): notice.at_ms} if notice else {}
        held_ms = None
        if goal is not None and now_ms is not None and clock.phase is Phase.RUNNING:
            notice, noted = due_notice(clock, goal, told, now_ms=now_ms)
            held_ms = held_until(goal, standing.priority, now_ms=now_ms) if noted else None
            if held_ms is not None:
                notice, noted = None, {}
        if noted:
            told = {**told, **noted}
        if notice is not None and ticket.taken_back.get(told_key(clock, notice.key)) != notice.at_ms:
            notices.append(notice)
            entries.append(_line(notice, goal))
        at_ms = held_ms or (next_instant(clock, goal, told) if goal else None)
        if at_ms is not None:
            instants.append(at_ms)
    if notices:
        live = {clock.id for clock in standing.clocks}
        told = {key: at_ms for key, at_ms in told.items() if key.rpartition(":")[0] in live}
    if standing.unheard_since_ms and UNHEARD_CUSTOMER not in standing.findings:
        instants.append(standing.unheard_since_ms + UNHEARD_AFTER_MS)
    if standing.is_over or standing.merged_into:
        instants.append(standing.last_at_ms + KEPT_AFTER_MS)
    ledger = sorted((*ticket.ledger, *entries), key=lambda entry: entry.at) if entries else ticket.ledger
    next_at_ms = min(instants, default=0)
    return Told(replace(ticket, told=told, ledger=tuple(ledger)[-max_ledger:], next_at_ms=next_at_ms), tuple(notices))


def _line(notice: Notice, goal: Goal | None) -> LedgerEntry:
    """The line of the account about a notice."""
    clock = notice.clock
    return LedgerEntry(
        at=notice.at_ms,
        kind=LedgerKind.BREACH if notice.is_breach else LedgerKind.WARN,
        clock=clock.id,
        by="tocsin",
        why=notice.key,
        elapsed_before=elapsed_at(clock, goal, max(notice.at_ms, clock.since_ms)) if goal else clock.elapsed_ms,
    )

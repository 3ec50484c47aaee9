"""All clocks of a ticket as they are published on `sla.clocks`."""

from pipeline.sla.clock import Clock, Phase, due_at, elapsed_at
from pipeline.sla.policy import Goal, SlaPack
from pipeline.sla.ticket import Ticket
from schemas.sla_clocks import SlaClock, TicketClocks

TAIL = 20  # lines of the ledger that a snapshot carries


def snapshot(ticket_id: str, ticket: Ticket, pack: SlaPack, *, at_ms: int, tail: int = TAIL) -> TicketClocks:
    """The ticket's clocks at a moment that is not before its last fact, with so many lines of its ledger."""
    standing = ticket.standing
    policy = pack.policy(standing.policy)
    goals = policy.goals if policy else {}
    return TicketClocks(
        ticket_id=ticket_id,
        status=standing.status,
        priority=standing.priority,
        policy=standing.policy,
        policy_version=pack.version,
        clocks=tuple(_clock(clock, goals.get(clock.goal), ticket.told, at_ms=at_ms) for clock in standing.clocks),
        ledger_tail=ticket.ledger[-tail:],
        findings=standing.findings,
        created_at=standing.created_at_ms,
        group_id=standing.group_id,
        assignee_id=standing.assignee_id,
        region=standing.region,
        merged_into=standing.merged_into,
        tenant=standing.tenant,
        emitted_at=at_ms,
    )


def _clock(clock: Clock, goal: Goal | None, told: dict[str, int], *, at_ms: int) -> SlaClock:
    """One clock; where its policy no longer has the goal, it stands still and needs none."""
    as_of_ms = max(at_ms, clock.since_ms)
    due_at_ms = due_at(clock, goal) if goal else None
    prefix = f"{clock.id}:"
    return SlaClock(
        clock=clock.goal,
        target_ms=clock.target_ms,
        started_at=clock.started_at_ms,
        elapsed_ms=elapsed_at(clock, goal, as_of_ms) if goal else clock.elapsed_ms,
        as_of=as_of_ms,
        paused_ms=_paused_ms(clock, goal, as_of_ms),
        running=clock.phase is Phase.RUNNING,
        state=clock.state_at(due_at_ms, as_of_ms),
        calendar=goal.calendar.spec.id if goal else "",
        cycle=clock.cycle,
        due_at=due_at_ms,
        due_is_estimated=goal is not None and due_at_ms is not None and goal.calendar.is_estimated(due_at_ms),
        stopped_at=clock.since_ms if clock.phase in {Phase.STOPPED, Phase.CANCELLED} else None,
        breached_at=clock.breached_at_ms or (due_at_ms if due_at_ms is not None and due_at_ms <= as_of_ms else None),
        misses=clock.misses,
        warned_at={key.removeprefix(prefix): at for key, at in told.items() if key.startswith(prefix)},
    )


def _paused_ms(clock: Clock, goal: Goal | None, at_ms: int) -> int:
    if goal is None or clock.phase is not Phase.PAUSED:
        return clock.paused_ms
    return clock.paused_ms + goal.calendar.open_ms(clock.since_ms, at_ms)

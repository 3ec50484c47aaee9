"""What is said about tickets: clocks, commands, links, desks, promises."""

from schemas.actions import ActionKind
from schemas.base import Wire
from schemas.commands import Command, CommandKind
from schemas.desks import DeskTopics, DeskWait, HotTickets, HotTopic
from schemas.examples.customer import AT, MINUTE_MS, PROMISED_TO
from schemas.links import (
    Acknowledgement,
    Act,
    LinkedAcknowledgement,
    LinkedAct,
    LinkedComplaint,
    LinkedPromise,
    LinkedTicket,
    PromiseNews,
    SignalKind,
    TicketSignal,
)
from schemas.promises import (
    DeedCause,
    MadePromise,
    Promise,
    PromiseDeed,
    PromiseKind,
    PromisesMade,
    PromiseState,
    Until,
    When,
)
from schemas.sla_clocks import ClockState, GoalKind, LedgerEntry, LedgerKind, SlaClock, TicketClocks
from schemas.tickets import Priority, TicketStatus
from schemas.vocabulary import Level

TICKETS: tuple[Wire, ...] = (
    TicketClocks(
        ticket_id="ticket-3003",
        status=TicketStatus.OPEN,
        priority=Priority.HIGH,
        policy="e_commerce",
        policy_version="1f0c2d3e4a5b",
        clocks=(
            SlaClock(
                clock=GoalKind.FIRST_RESPONSE,
                target_ms=120 * MINUTE_MS,
                started_at=AT,
                elapsed_ms=90 * MINUTE_MS,
                as_of=AT + 90 * MINUTE_MS,
                paused_ms=0,
                running=True,
                state=ClockState.ACTIVE,
                calendar="office",
                due_at=AT + 120 * MINUTE_MS,
                warned_at={"0.75": AT + 90 * MINUTE_MS},
            ),
        ),
        ledger_tail=(LedgerEntry(at=AT, kind=LedgerKind.START, clock="first_response", by="customer"),),
        created_at=AT,
        emitted_at=AT + 90 * MINUTE_MS,
    ),
    Command(
        command_id="assign:ticket-3003:level_rise:call-1001:u-7:high_risk",
        ticket_id="ticket-3003",
        command=CommandKind.ASSIGN,
        cause_alert_id="level_rise:call-1001:u-7:high_risk",
        expires_at=AT + 60 * MINUTE_MS,
        group_id="task-force",
        params={"note": "高危投诉"},
        emitted_at=AT + 200,
    ),
    LinkedTicket(
        link="conversation:call-1001", ticket_id="ticket-3003", is_open=True, opened_at=AT, emitted_at=AT + 50
    ),
    LinkedComplaint(
        link="conversation:call-1001",
        alert_id="level_rise:call-1001:u-7:high_risk",
        level=Level.HIGH_RISK,
        occurred_at=AT,
        reasons=("after_sales", "refund"),
        conversation_id="call-1001",
        emitted_at=AT + 120,
    ),
    LinkedPromise(
        link="conversation:call-1001",
        news=PromiseNews(
            promise_id="promise:call-1001:u-7:callback",
            home="customer:5b1f0c",
            kind=PromiseKind.CALLBACK,
            state=PromiseState.OPEN,
            said_at=AT,
        ),
        occurred_at=AT,
        conversation_id="call-1001",
        emitted_at=AT + 40,
    ),
    LinkedAcknowledgement(
        link="alert:level_rise:call-1001:u-7:high_risk",
        alert_id="level_rise:call-1001:u-7:high_risk",
        acknowledgement=Acknowledgement(
            incident_id="incident:conversation:call-1001:u-7",
            level=Level.HIGH_RISK,
            action_id="ack-1",
            action=ActionKind.ACK,
            actor="duty-1",
        ),
        occurred_at=AT + MINUTE_MS,
        emitted_at=AT + MINUTE_MS,
    ),
    LinkedAct(act=Act.REJECTED, link="rejected:agent-17", ticket_id="ticket-3003", occurred_at=AT, emitted_at=AT + 40),
    TicketSignal(
        ticket_id="ticket-3003",
        kind=SignalKind.COMPLAINED,
        cause_id="level_rise:call-1001:u-7:high_risk",
        occurred_at=AT,
        level=Level.HIGH_RISK,
        reasons=("after_sales", "refund"),
        conversation_id="call-1001",
        emitted_at=AT + 150,
    ),
    DeskTopics(
        desk="default",
        ticket_id="ticket-3003",
        is_opened=True,
        topics=("category:quality", "product:sku-9"),
        customer="c-3f2a",
        occurred_at=AT,
        cause_id="ticket-3003:1",
        emitted_at=AT + 40,
    ),
    DeskWait(
        desk="default",
        ticket_id="ticket-3003",
        is_waiting=True,
        occurred_at=AT,
        cause_id="ticket-3003:1",
        emitted_at=AT + 40,
    ),
    HotTickets(
        desk="default",
        window_start=AT,
        window_s=3600,
        tickets=40,
        topics=(
            HotTopic(
                topic="product:sku-9", tickets=12, customers=11, usual_share=0.05, rise=5.88, score=15.08, is_new=True
            ),
        ),
        emitted_at=AT + 62 * MINUTE_MS,
    ),
    PromisesMade(
        home="customer:5b1f0c",
        utterance_id="u-7",
        revision=0,
        to=PROMISED_TO,
        made=(
            MadePromise(
                kind=PromiseKind.CALLBACK,
                when=When(measure=Until.MINUTES, count=120),
                char_start=6,
                char_end=8,
                quote="两小时内给您回电。",
                mark_start=6,
                mark_end=8,
            ),
        ),
        occurred_at=AT,
        emitted_at=AT + 30,
    ),
    PromiseDeed(
        home="customer:5b1f0c",
        deed_id="outreach:call-1002:evt-2001",
        cause=DeedCause.OUTREACH,
        kinds=(PromiseKind.CALLBACK, PromiseKind.ANSWER),
        occurred_at=AT + 3_600_000,
        emitted_at=AT + 3_600_030,
    ),
    Promise(
        promise_id="promise:call-1001:u-7:callback",
        kind=PromiseKind.CALLBACK,
        state=PromiseState.KEPT,
        to=PROMISED_TO,
        utterance_id="u-7",
        said_at=AT,
        due_at=AT + 7_200_000,
        version=2,
        reason=DeedCause.OUTREACH.value,
        closed_at=AT + 3_600_000,
        quote="两小时内给您回电。",
        char_start=6,
        char_end=8,
        mark_start=6,
        mark_end=8,
        emitted_at=AT + 3_600_040,
    ),
)

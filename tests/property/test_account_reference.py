"""The account of `tocsin sla explain` is what the worker published, whatever a ticket system sends, in any order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.stages.tickets import LINKING, tickets_stage
from pipeline.places.resolve import NO_TABLES
from pipeline.runner import Incoming, Runner
from pipeline.sla.account import Written, account
from pipeline.tickets.links import link_of_alert
from schemas import codec
from schemas.actions import ActionKind
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.deadletters import DeadLetter
from schemas.links import Acknowledgement, LinkedAcknowledgement, LinkedComplaint, TicketSignal
from schemas.sla_clocks import TicketClocks
from schemas.tickets import Comment, TicketEvent, TicketEventKind
from schemas.ticks import Tick
from schemas.topics import LINKS, TICKETS, TICKS
from schemas.vocabulary import Level, Role
from tests.support.tickets import HOUR, MINUTE, STANDARD, at, pack_of, ticket_event

PACK = pack_of(
    STANDARD.replace(
        "pause_on: [pending, on_hold]", "pause_on: [pending, on_hold]\n    pause_on_tags: [supplier]"
    ).replace("      next_response:", "      every_response: {minutes: {normal: 30, high: 10}}\n      next_response:")
)
STAGE = tickets_stage(PACK, NO_TABLES)
START = at("2026-09-30 15:00")  # three hours before National Day
NAMES = ("T1", "T2", "T3")
LEVELS = (Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK)


@st.composite
def complaints(draw, moment, now):
    """One of six alerts, or that its incident is taken in hand."""
    level, conversation = draw(st.sampled_from(LEVELS)), draw(st.sampled_from(["c1", "c2"]))
    alert_id = f"{conversation}:{level}"
    if draw(st.booleans()):
        return LinkedComplaint(
            link=f"conversation:{conversation}", alert_id=alert_id, level=level, occurred_at=moment,
            conversation_id=conversation, emitted_at=now,
        )  # fmt: skip
    acknowledgement = Acknowledgement(
        incident_id="i1", level=level, action_id=f"x{now}", action=ActionKind.ACK, actor="duty-1"
    )
    return LinkedAcknowledgement(  # its moment is never ahead of its record, the stage sees to that
        link=link_of_alert(alert_id), alert_id=alert_id, acknowledgement=acknowledgement,
        occurred_at=min(moment, now), emitted_at=now,
    )  # fmt: skip


@st.composite
def strange_events(draw):
    """Anything that a ticket system may send about three tickets: late, early, twice, of other times, of no sense.

    Between it their customers complain, and somebody takes what they complained of in hand, also before or again.
    """
    found, now = [], START
    for number in range(draw(st.integers(1, 14))):
        now += draw(st.sampled_from([0, MINUTE, 7 * MINUTE, HOUR]))
        moment = now + draw(st.sampled_from([0, 0, 0, -MINUTE, -3 * HOUR, HOUR, 30 * HOUR, -40 * 24 * HOUR]))
        if draw(st.integers(0, 3)) == 0:
            found.append((now, draw(complaints(moment, now))))
            continue
        kind = draw(st.sampled_from([*TicketEventKind, TicketEventKind.CREATED, TicketEventKind.COMMENTED]))
        about = {
            "ticket_id": draw(st.sampled_from(NAMES)),
            "conversation_id": draw(st.sampled_from(["c1", "c1", "c2"])),
            "event_id": f"e{draw(st.integers(0, number))}" if draw(st.booleans()) else f"n{number}",
            "status": draw(st.sampled_from(["new", "open", "open", "pending", "on_hold", "solved", "closed"])),
            "priority": draw(st.sampled_from(["low", "normal", "normal", "high", "urgent"])),
        }
        if draw(st.booleans()):
            about["seq"] = draw(st.integers(0, 3))
        if draw(st.booleans()):
            about["tags"] = draw(st.sampled_from([(), ("supplier",), ("vip", "supplier")]))
        if kind is TicketEventKind.MERGED:
            about["merged_into"] = draw(st.sampled_from([*NAMES, "", None]))
        if kind is TicketEventKind.CLOSED:
            about["reason"] = draw(st.sampled_from([None, "spam", "deleted", "done"]))
        if kind is TicketEventKind.COMMENTED:
            role, public = draw(st.sampled_from(["customer", "agent", "bot", "system"])), draw(st.booleans())
            about["comment"] = Comment(id=f"c{number}", author_role=Role(role), public=public, text="")
        found.append((now, ticket_event(moment, kind.value, **about)))
    return found


def records(events):
    """The events as they were written, between ticks that come every two minutes."""
    ticking = START - 5 * MINUTE
    for number, (written_at_ms, event) in enumerate(events):
        while ticking <= written_at_ms:
            yield (
                None,
                Incoming(TICKS, 0, Record(number, ticking, b"0", codec.encode(Tick(now_ms=ticking, reason="timer")))),
            )
            ticking += 2 * MINUTE
        if isinstance(event, TicketEvent):
            record = Record(number, written_at_ms, event.ticket_id.encode(), codec.encode(event))
            yield Written(event, written_at_ms), Incoming(TICKETS, 0, record)
        else:
            yield None, Incoming(LINKS, 0, Record(number, written_at_ms, event.link.encode(), codec.encode(event)))


def same(clock):
    """A clock without what it depends on ticks for."""
    return {name: getattr(clock, name) for name in clock.__struct_fields__ if name != "warned_at"}


@settings(max_examples=120, deadline=None)
@given(events=strange_events())
def test_the_account_is_what_was_published(events):
    """Every snapshot, clock for clock, from what had been written by then; versions count up, no alert comes twice."""
    runner = Runner([STAGE, LINKING], partition_of=lambda key: 0)
    written, versions, alerts = {name: [] for name in NAMES}, dict.fromkeys(NAMES, 0), set()
    for event, incoming in records(events):
        outputs = [(output.value, output) for output in runner.feed([incoming])]
        if event is not None and not any(isinstance(value, DeadLetter) for value, _ in outputs):
            written[event.event.ticket_id].append(event)
        last = {}
        for value, _ in outputs:
            if isinstance(value, TicketSignal):
                written[value.ticket_id].append(Written(value, value.emitted_at))
                last.pop(value.ticket_id, None)  # where it changes only who was first, nothing is published anew
            elif isinstance(value, Alert):
                assert value.alert_id not in alerts, value
                alerts.add(value.alert_id)
            elif isinstance(value, TicketClocks):
                assert value.version == versions[value.ticket_id] + 1
                versions[value.ticket_id] += 1
                last[value.ticket_id] = value
        for name, clocks in last.items():
            reckoned = account(written[name], PACK, until_ms=clocks.emitted_at)
            assert [same(each) for each in reckoned.clocks.clocks] == [same(each) for each in clocks.clocks]
            told = [each for each in reckoned.clocks.ledger_tail if each.event_id]
            assert all(each in told for each in clocks.ledger_tail if each.event_id)

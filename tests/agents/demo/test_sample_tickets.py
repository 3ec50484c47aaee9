"""The sample day's tickets and promises at the pace of the demo: warned, late, moved, kept and broken."""

from collections import defaultdict

import pytest

from agents.demo import script
from agents.demo.clock import moment_ms
from agents.demo.tickets import POLICIES, settled_clock, ticket_ids
from agents.demo.watch import LONGEST_GAP_SECONDS
from agents.engine.transactions import partition_of
from agents.product import build_product
from agents.recording.replay import Pace
from agents.settings import Settings
from pipeline.runner import Incoming, Runner
from schemas import codec
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.commands import Command
from schemas.promises import Promise
from schemas.ticks import Tick
from schemas.topics import TICKS, by_name

PARTITIONS = 4
START_MS = moment_ms("09:00")
SECONDS = 75


def stream():
    """The day's records as a replay within so many seconds moves them, and a tick a second."""
    records = script.records()
    *_, (length, _) = Pace(longest_gap_seconds=LONGEST_GAP_SECONDS).due(records)
    pace = Pace(speed=length / SECONDS, longest_gap_seconds=LONGEST_GAP_SECONDS)
    moved = [record.moved_to(START_MS + int(due * 1000)) for due, record in pace.due(records)]
    found = [(record.timestamp_ms, record, partition_of(record.key, PARTITIONS)) for record in moved]
    found += [(each.timestamp_ms, each, each.partition) for each in settled_clock(START_MS, PARTITIONS)]
    moments = [START_MS + second * 1_000 for second in range(SECONDS + 5)]
    ticks = [(moment, codec.encode(Tick(now_ms=moment, reason="timer"))) for moment in moments]
    found += [(moment, body, number) for moment, body in ticks for number in range(PARTITIONS)]
    return sorted(found, key=lambda each: each[0])


@pytest.fixture(scope="module")
def told():
    """What is told and commanded of each ticket, and what becomes of each promise."""
    product = build_product(Settings(sla=str(POLICIES)))
    runner = Runner(product.stages, partition_of=lambda key: partition_of(key, PARTITIONS))
    found = defaultdict(list)
    for number, (at_ms, each, partition) in enumerate(stream()):
        if isinstance(each, bytes):
            incoming = Incoming(TICKS, partition, Record(number, at_ms, b"0", each))
        else:
            record = Record(number, at_ms, each.key, each.value, each.headers)
            incoming = Incoming(by_name[each.topic], partition, record)
        for output in runner.feed([incoming]):
            value = output.value
            if isinstance(value, Command):
                found[value.ticket_id].append(value.command)
            elif isinstance(value, Alert) and value.ticket_id:
                found[value.ticket_id].append(f"{value.kind} {value.sla.clock if value.sla else value.finding}")
            elif isinstance(value, Promise):
                found[value.promise_id].append(" ".join([value.state, value.reason, *value.warned]))
            elif isinstance(value, Alert) and value.background is not None:
                found[value.conversation_id].append(value.background.broken_promises)
    return found


@pytest.mark.parametrize(
    ("ticket", "expected"),
    [
        pytest.param("ticket-3101", ["assign", "set_priority", "notify_customer"], id="moved by its call"),
        pytest.param("ticket-3102", ["sla_warning first_response"], id="warned and then answered"),
        pytest.param("ticket-3103", ["sla_warning first_response", "sla_breach first_response", "assign"], id="late"),
        pytest.param(
            "ticket-3104",
            ["house_rule refiled_category", "house_rule unexplained_rejection"],
            id="filed again and refused",
        ),
        pytest.param("ticket-3105", ["sla_warning first_response", "house_rule late_pause"], id="warned, then parked"),
    ],
)
def test_what_becomes_of_a_ticket(told, ticket, expected):
    """Each thing once, in this order, within the length of the demo."""
    assert told[ticket] == expected


@pytest.mark.parametrize(
    ("promise", "expected"),
    [
        pytest.param(
            "promise:call-0813:call-0813-u2:callback", ["open ", "open  0.75 0.9", "broken  0.75 0.9"], id="broken"
        ),
        pytest.param("promise:call-0816:call-0816-u2:callback", ["open ", "kept outreach"], id="kept by a call"),
    ],
)
def test_what_becomes_of_a_promise(told, promise, expected):
    """One is warned of and broken while the demo runs, one is kept by calling back."""
    assert told[promise] == expected


def test_whoever_was_promised_in_vain_is_known_when_they_call_again(told):
    """The background of the next call says so."""
    assert told["call-1513"] == [1]


def test_every_ticket_of_the_day_is_shown(told):
    """None is there for nothing, and nothing is told of others."""
    assert {name for name in told if name.startswith("ticket-")} == set(ticket_ids())

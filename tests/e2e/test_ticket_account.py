"""`tocsin sla explain` reckons from a real broker what a worker has published of the same ticket."""

import asyncio
import time
from pathlib import Path

import msgspec
import orjson

from schemas import codec
from schemas.actions import Action, ActionKind, ActionSource
from schemas.incidents import Incident
from schemas.sla_clocks import SlaClock, TicketClocks
from schemas.topics import ACTIONS, INCIDENTS, SLA_CLOCKS, TICKETS, UTTERANCES
from schemas.vocabulary import Level
from tests.support.cluster import Cluster, wait_until
from tests.support.commands import tocsin
from tests.support.disruptions import WORKER, environment, is_ready
from tests.support.inbound import utterance
from tests.support.kafka import Kafka
from tests.support.tickets import HOUR, MINUTE, comment_event, ticket_event
from tests.support.topics import Sent, read_topics, write_records

THREAT = "再不给我退款我就打12315投诉你们"
TICKET = "T-工单-1"


def sent(prefix: str, event: object, *, in_headers: bool = False) -> Sent:
    """A ticket event as a sender writes it: everything in the body, or the envelope in CloudEvents headers."""
    fields = orjson.loads(codec.encode(event))
    headers = ()
    if in_headers:
        attributes = {"specversion": "1.0", "id": fields.pop("event_id"), "source": fields.pop("source")}
        attributes["type"] = fields.pop("schema")
        headers = tuple((f"ce_{name}", value.encode()) for name, value in attributes.items())
    return Sent(prefix + TICKETS.name, 0, event.ticket_id.encode(), orjson.dumps(fields), event.occurred_at, headers)


def story(prefix: str, now_ms: int) -> list[Sent]:
    """A ticket that is paused, twice and late; an older one is merged into it, and its customer complains in a call."""
    about = {"ticket_id": TICKET, "conversation_id": "c-1", "requester_key": "k-1", "priority": "urgent"}
    begin_ms = now_ms - 60 * MINUTE
    paused = ticket_event(begin_ms + 10 * MINUTE, "status_changed", status="pending", actor_id="A1", **about)
    threat = utterance(1, occurred_at=now_ms - MINUTE, conversation_id="c-1", text=THREAT)
    return [
        sent(prefix, ticket_event(begin_ms, "created", status="new", **about), in_headers=True),
        sent(prefix, ticket_event(begin_ms - 10 * MINUTE, "created", status="new", ticket_id="T-2")),
        sent(prefix, paused),
        sent(prefix, paused),
        sent(prefix, ticket_event(begin_ms + 30 * MINUTE, "status_changed", status="open", **about), in_headers=True),
        sent(prefix, comment_event(begin_ms + 5 * MINUTE, "agent", public=False, **about)),
        sent(prefix, ticket_event(begin_ms + MINUTE, "merged", status="closed", ticket_id="T-2", merged_into=TICKET)),
        Sent(prefix + UTTERANCES.name, 0, b"c-1", orjson.dumps(threat), now_ms - MINUTE),
    ]


def test_the_account_is_what_the_worker_published(kafka: Kafka, tmp_path: Path) -> None:
    """Clock for clock, at the worker's last snapshot: complaint, who acknowledged it and the merged ticket included."""
    prefix = kafka.prefix()
    variables = environment(kafka.bootstrap, prefix) | {"TOCSIN_PARTITIONS": "1"}
    with Cluster(tmp_path, variables, command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="a worker takes its partitions over")
        asyncio.run(write_records(kafka.bootstrap, story(prefix, int(time.time() * 1000))))
        wait_until(lambda: is_whole(kafka, prefix), what="complaint and merge have arrived")
        wait_until(lambda: incidents(kafka, prefix), what="the complaint has an incident")
        (incident_id,) = incidents(kafka, prefix)
        asyncio.run(write_records(kafka.bootstrap, [acknowledgement(prefix, incident_id, int(time.time() * 1000))]))
        wait_until(
            lambda: not published(kafka, prefix)["first_action"].running, what="the clock of the complaint stops"
        )
        cluster.scale(0)
        wait_until(lambda: not cluster.running(), what="the worker ends")
    last = published(kafka, prefix)
    until = max(clock.as_of for clock in last.values())
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(until // 1000))
    done = tocsin("sla", "explain", TICKET, "--json", "--until", moment, environment=variables)
    assert done.returncode == 0, done.stderr
    told = msgspec.json.decode(done.stdout, type=TicketClocks)
    assert {clock.clock for clock in told.clocks} == set(last)
    for clock in told.clocks:
        known = last[clock.clock]
        assert same(clock) == same(known)
    lines = {(entry.clock, entry.kind, entry.why) for entry in told.ledger_tail}
    assert ("first_action", "start", "complained") in lines
    assert ("first_action", "stop", f"ack:{incident_id}") in lines
    assert ("first_response", "reset", "absorbed") in lines
    page = tocsin("sla", "explain", TICKET, environment=variables)
    assert "重复 repeated 1，迟到 late" in page.stdout
    assert tocsin("sla", "explain", "T-3", environment=variables).returncode == 1


def acknowledgement(prefix: str, incident_id: str, now_ms: int) -> Sent:
    """Somebody on the command line takes the incident in hand."""
    action = Action(
        event_id="ack-1", source=ActionSource.CLI, occurred_at=now_ms, action_id="ack-1", action=ActionKind.ACK,
        region="unknown", actor="duty", at=now_ms, incident_id=incident_id,
    )  # fmt: skip
    return Sent(prefix + ACTIONS.name, 0, b"unknown", codec.encode(action), now_ms)


def incidents(kafka: Kafka, prefix: str) -> set[str]:
    """The incidents of complaints."""
    records = asyncio.run(read_topics(kafka.bootstrap, [prefix + INCIDENTS.name])).values()
    values = [msgspec.json.decode(each.value, type=Incident) for found in records for each in found if each.value]
    return {value.incident_id for value in values if value.level is Level.HIGH_RISK and value.reasons}


def is_whole(kafka: Kafka, prefix: str) -> bool:
    """Whether the worker has taken the complaint and the older ticket in."""
    clocks = published(kafka, prefix)
    return "first_action" in clocks and clocks["total_resolution"].started_at < clocks["first_action"].started_at - HOUR


def same(clock: SlaClock) -> tuple[object, ...]:
    """What does not depend on the moment of the question."""
    return clock.target_ms, clock.started_at, clock.paused_ms, clock.running, clock.due_at, clock.breached_at


def published(kafka: Kafka, prefix: str) -> dict[str, SlaClock]:
    """The ticket's clocks as the worker told them last."""
    records = asyncio.run(read_topics(kafka.bootstrap, [prefix + SLA_CLOCKS.name])).values()
    values = [msgspec.json.decode(each.value, type=TicketClocks) for found in records for each in found if each.value]
    of_ticket = [value for value in values if value.ticket_id == TICKET]
    return {clock.clock: clock for clock in of_ticket[-1].clocks} if of_ticket else {}

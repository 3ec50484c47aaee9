"""The door: every way a request can end, what its sender is told, what is counted."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDict
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from agents.intake.answers import Outcome, answer
from agents.intake.metrics import IntakeMetrics
from agents.intake.server import Intake
from schemas import codec, topics
from schemas.vocabulary import Category
from tests.support.cluster import until
from tests.support.intake import (
    FILE,
    NotingPublisher,
    bearer_request,
    chatwoot_request,
    loaded,
    zendesk_request,
)
from tests.support.webhooks import (
    CUSTOMER,
    NOON_MS,
    PHONE,
    SECRET,
    chatwoot_message,
    zendesk,
)


class Door:
    """An intake behind a test client; its clocks stand still until they are moved."""

    def __init__(self, folder, text=FILE, proxy_addresses=()):
        self.publisher = NotingPublisher()
        self.metrics = IntakeMetrics(CollectorRegistry())
        self.now_ms = NOON_MS
        self.seconds = 0.0
        self.intake = Intake(
            loaded(folder, text),
            self.publisher,
            self.metrics,
            now_ms=lambda: self.now_ms,
            monotonic=lambda: self.seconds,
            proxy_addresses=proxy_addresses,
        )

    @asynccontextmanager
    async def open(self):
        """Serve until the block ends."""
        async with TestClient(TestServer(self.intake.application())) as self.client:
            yield self

    async def post(self, path, request):
        """Status, headers and body as JSON."""
        data, headers = request
        response = await self.client.post(path, data=data, headers=headers)
        text = await response.text()
        return response.status, response.headers, json.loads(text) if text.startswith("{") else text

    def count(self, name, *labels):
        """The value of a series."""
        return getattr(self.metrics, name).labels(*labels)._value.get()


async def dribble(released):
    """A body of which the rest does not come before it is let go."""
    yield b"{"
    await released.wait()


@pytest.fixture
async def door(tmp_path):
    """An open door."""
    async with Door(tmp_path).open() as opened:
        yield opened


async def test_a_signed_body_is_accepted_and_stands_in_its_topic(door):
    """202 with the number of events; the record is keyed by its ticket and decodes."""
    status, headers, body = await door.post("/in/zendesk", zendesk_request(zendesk()))
    assert (status, body) == (202, {"outcome": "accepted", "events": 1})
    assert (headers["Cache-Control"], headers["Server"]) == ("no-store", "tocsin")
    [record] = door.publisher.sent
    assert (record.topic, record.key) == ("tickets.events", b"35436")
    decoded = codec.decode_batch(topics.TICKETS, [codec.Record(0, NOON_MS, record.key, record.value)], 0)
    assert [event.ticket_id for event in decoded.events] == ["35436"]
    assert door.count("requests", "helpdesk", Outcome.ACCEPTED) == 1
    assert door.count("events", "helpdesk", "tickets.events") == 1


async def test_a_message_goes_to_two_topics(door):
    """Both under the same key, so that they share a partition number."""
    status, _, body = await door.post("/in/chatwoot", chatwoot_request(chatwoot_message()))
    assert (status, body["events"]) == (202, 2)
    assert {(record.topic, record.key) for record in door.publisher.sent} == {
        ("chats.messages", b"cw-25"),
        ("tickets.events", b"cw-25"),
    }


async def test_a_retry_is_the_same_event(door):
    """Ids are equal; a reader that knows one knows the other."""
    for _ in range(2):
        await door.post("/in/zendesk", zendesk_request(zendesk()))
        door.now_ms += 30_000
    first, again = (json.loads(record.value)["event_id"] for record in door.publisher.sent)
    assert first == again


async def test_without_kafka_there_is_no_yes(door):
    """503 and when to come back: below the 60 seconds up to which Zendesk does."""
    door.publisher.is_available = False
    status, headers, body = await door.post("/in/zendesk", zendesk_request(zendesk()))
    assert (status, body["outcome"]) == (503, "unavailable")
    assert 0 < int(headers["Retry-After"]) < 60
    assert door.count("events", "helpdesk", "tickets.events") == 0


@pytest.mark.parametrize(
    ("request_", "outcome"),
    [
        pytest.param(zendesk_request(zendesk(), secret=b"another-secret-0123456"), Outcome.WRONG, id="another secret"),
        pytest.param(zendesk_request(zendesk(), stamp="2026-01-01T03:54:59Z"), Outcome.STALE, id="too old"),
        pytest.param(zendesk_request(zendesk(), stamp="now"), Outcome.NO_TIMESTAMP, id="no time"),
        pytest.param((b"{}", {"Content-Type": "application/json"}), Outcome.NO_SIGNATURE, id="unsigned"),
    ],
)
async def test_who_is_not_genuine_learns_nothing(door, request_, outcome):
    """The same answer whatever was wrong; nothing of the body is kept anywhere."""
    status, _, body = await door.post("/in/zendesk", request_)
    assert (status, body) == (
        401,
        {"outcome": "unauthorised", "error": "the signature is missing, old or wrong"},
    )
    assert door.publisher.sent == []
    assert door.count("requests", "helpdesk", outcome) == 1


async def test_a_body_that_cannot_be_used_is_kept_and_told(door):
    """422 with path and what was expected, never the value; the body is in the dead letter."""
    sent = zendesk_request(zendesk(status=f"call {PHONE}"))
    with capture_logs() as logs:
        status, _, body = await door.post("/in/zendesk", sent)
    assert (status, body["outcome"]) == (422, "unusable")
    assert body["problems"][0]["path"] == "$.status"
    [record] = door.publisher.sent
    letter = codec.decode_batch(topics.DEADLETTERS, [codec.Record(0, NOON_MS, record.key, record.value)], 0).events[0]
    assert (record.topic, letter.topic, letter.reason) == ("deadletters", "intake:helpdesk", Category.SCHEMA)
    assert letter.path == "$.status"
    assert letter.size_bytes == len(sent[0])
    assert door.count("dead_letters", "helpdesk", Category.SCHEMA) == 1
    assert not any(raw in json.dumps([body, logs], default=str) for raw in (PHONE, CUSTOMER, SECRET.decode()))


async def test_what_is_good_of_a_body_is_taken(door):
    """202 for the good part, a dead letter for the rest, both told."""
    items = {"items": [{"id": 1}, {"state": "open"}, {"id": 3, "state": "gone"}]}
    status, _, body = await door.post("/in/crm", bearer_request(items))
    assert (status, body["outcome"], body["events"]) == (202, "partly", 1)
    assert [problem["path"] for problem in body["problems"]] == ["$.ticket_id", "$.status"]
    assert [record.topic for record in door.publisher.sent] == ["tickets.events", "deadletters"]


async def test_nothing_for_us_is_fine(door):
    """200, nothing is written."""
    status, _, body = await door.post(
        "/in/zendesk", zendesk_request(zendesk() | {"type": "zen:event-type:user.created"})
    )
    assert (status, body) == (200, {"outcome": "ignored", "events": 0})
    assert door.publisher.sent == []


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        pytest.param(b"x" * 20_001, {}, 413, id="too large, and says so"),
        pytest.param(b"{}", {"Content-Type": "text/plain"}, 415, id="not JSON"),
        pytest.param(b"{}", {"Content-Encoding": "gzip"}, 415, id="compressed"),
        pytest.param(b"{", {}, 422, id="broken JSON"),
        pytest.param(b'{"items":' + b"[" * 5_000, {}, 422, id="too deep"),
        pytest.param(b"\x00", {}, 422, id="a null byte"),
    ],
)
async def test_limits(door, body, headers, status):
    """A clear refusal that repeats nothing."""
    data, own = bearer_request(body)
    found, _, told = await door.post("/in/crm", (data, own | headers))
    assert found == status
    assert set(told) <= {"outcome", "error", "problems"}


async def test_a_body_that_grows_beyond_the_limit_is_cut_off(door):
    """Without a length in the head it is counted while it comes."""

    async def endless():
        for _ in range(100):
            yield b"x" * 1_000

    _, headers = bearer_request(b"")
    response = await door.client.post("/in/crm", data=endless(), headers=headers)
    assert response.status == 413


async def test_a_body_that_never_comes_is_not_waited_for(tmp_path):
    """408 after the time that is given."""
    released = asyncio.Event()
    async with Door(tmp_path, FILE.replace("body_bytes_max: 20000", "read_within_seconds: 0.05")).open() as door:
        _, headers = bearer_request(b"")
        response = await door.client.post("/in/crm", data=dribble(released), headers=headers)
        assert response.status == 408
        released.set()
        assert door.count("requests", "crm", Outcome.TOO_SLOW) == 1


async def test_slow_strangers_do_not_take_the_places_of_a_source(tmp_path):
    """A stranger's body dribbles in and holds the only place; the source's own is read, the stranger may come back."""
    released = asyncio.Event()
    async with Door(tmp_path, FILE.replace("body_bytes_max: 20000", "in_flight_max: 1")).open() as door:
        _, headers = bearer_request(b"")
        slow_one = asyncio.create_task(door.client.post("/in/crm", data=dribble(released), headers=headers))

        async def is_coming():
            return not door.intake._idle.is_set()

        await until(is_coming, "the slow body is being read")
        assert (await door.post("/in/crm", bearer_request({"items": [{"id": 1}]})))[0] == 202
        response = await slow_one
        assert (response.status, response.headers["Retry-After"]) == (503, "10")
        released.set()
        assert door.count("requests", "crm", Outcome.BUSY) == 1
        await door.intake.drained()


async def test_too_many_requests_wait(door):
    """A burst, then one a second; one source's flood is no other's."""
    sent = zendesk_request(zendesk())
    found = [(await door.post("/in/zendesk", sent))[0] for _ in range(6)]
    assert found == [202] * 5 + [429]
    _, headers, _ = await door.post("/in/zendesk", sent)
    assert headers["Retry-After"] == "1"
    assert (await door.post("/in/crm", bearer_request({"items": [{"id": 1}]})))[0] == 202
    door.seconds += 1
    assert (await door.post("/in/zendesk", sent))[0] == 202


async def test_a_stranger_uses_up_nothing_of_a_source(tmp_path):
    """However many requests without a good signature come from elsewhere, the source may send all of its own."""
    stranger, source = {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "198.51.100.7"}
    data, good = zendesk_request(zendesk())
    _, forged = zendesk_request(zendesk(), secret=b"another secret of a stranger")
    async with Door(tmp_path, proxy_addresses=("127.0.0.0/8",)).open() as door:
        found = [(await door.post("/in/zendesk", (data, forged | stranger)))[0] for _ in range(20)]
        assert found == [401] * 5 + [429] * 15
        found = [(await door.post("/in/zendesk", (data, good | source)))[0] for _ in range(6)]
        assert found == [202] * 5 + [429]
        door.seconds += 1
        assert (await door.post("/in/zendesk", (data, forged | stranger)))[0] == 401
        assert (await door.post("/in/zendesk", (data, good | source)))[0] == 202


async def test_a_proxy_may_add_a_line_of_its_own(tmp_path):
    """Who writes a line first is not believed: the last one is the proxy's, and says whose rate it is."""
    data, forged = zendesk_request(zendesk(), secret=b"another secret of a stranger")
    async with Door(tmp_path, proxy_addresses=("127.0.0.0/8",)).open() as door:
        found = []
        for number in range(6):
            claims = [("X-Forwarded-For", f"198.51.100.{number}"), ("X-Forwarded-For", "203.0.113.9")]
            found.append((await door.post("/in/zendesk", (data, CIMultiDict([*forged.items(), *claims]))))[0])
        assert found == [401] * 5 + [429]


async def test_an_address_is_the_proxy_s_word_alone(tmp_path):
    """Who comes directly cannot have a new rate with each request by claiming to be somebody else."""
    data, forged = zendesk_request(zendesk(), secret=b"another secret of a stranger")
    async with Door(tmp_path).open() as door:
        claims = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(6)]
        found = [(await door.post("/in/zendesk", (data, forged | claim)))[0] for claim in claims]
        assert found == [401] * 5 + [429]


async def test_too_many_at_once_are_told_to_come_back(tmp_path):
    """A request that waits for Kafka takes one of the places, until it has its answer."""
    async with Door(tmp_path, FILE.replace("body_bytes_max: 20000", "in_flight_max: 1")).open() as door:
        sent = bearer_request({"items": [{"id": 1}]})
        door.publisher.released.clear()
        first = asyncio.create_task(door.post("/in/crm", sent))
        await door.publisher.entered.wait()
        status, headers, body = await door.post("/in/crm", sent)
        assert (status, body["outcome"], headers["Retry-After"]) == (503, "busy", "10")
        door.publisher.released.set()
        assert (await first)[0] == 202
        assert (await door.post("/in/crm", sent))[0] == 202


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/in/crm", 405), ("POST", "/in/other", 404), ("GET", "/", 404)]
)
async def test_nothing_else_is_served(door, method, path, status):
    """No index, no health, no metrics on this port."""
    response = await door.client.request(method, path)
    assert response.status == status


async def test_refused_signatures_do_not_fill_the_log(door):
    """One line in ten seconds for each source."""
    with capture_logs() as logs:
        for _ in range(3):
            await door.post("/in/crm", (b"{}", {"Content-Type": "application/json"}))
        door.seconds += 10
        await door.post("/in/crm", (b"{}", {"Content-Type": "application/json"}))
    assert [entry["event"] for entry in logs] == ["request_refused"] * 2


def test_every_outcome_has_an_answer():
    """Also one that was added yesterday; success is 2xx alone, and each 503 says when to come back."""
    for outcome in Outcome:
        response = answer(outcome)
        assert (response.status < 300) == (outcome in {Outcome.ACCEPTED, Outcome.PARTLY, Outcome.IGNORED})
        assert ("Retry-After" in response.headers) == (response.status == 503)

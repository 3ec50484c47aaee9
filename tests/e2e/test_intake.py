"""An intake as a process on a real Kafka: requests in, records out; the broker away at the start and during work."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from agents.settings import Settings
from agents.topics import ensure_topics
from schemas import codec, topics
from tests.support.cluster import wait_until
from tests.support.commands import ROOT, TOCSIN
from tests.support.intake import FILE, bearer_request, chatwoot_request, write_intake, zendesk_request
from tests.support.topics import read_topics
from tests.support.webhooks import chatwoot_message, zendesk

pytestmark = pytest.mark.e2e

NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
TICKETS = FILE.replace("    requests_per_second: 1\n    burst: 5\n", "")


class Running:
    """An intake process, its log, and its two addresses."""

    def __init__(self, process, log):
        self.process = process
        self.log = log
        self.url = self._told("intake_listens")
        self.ops = self._told("ops_listens")

    def _told(self, event):
        pattern = re.compile(rf'"url":"(http://[^"]+)"[^\n]*"event":"{event}"')
        found = []

        def is_told():
            found[:] = pattern.findall(self.log.read_text(encoding="utf-8"))
            assert found or self.process.poll() is None, self.log.read_text(encoding="utf-8")
            return bool(found)

        wait_until(is_told, what=event)
        return found[0]

    def post(self, path, request):
        """Status and body."""
        data, headers = request
        return _answer(urllib.request.Request(self.url + path, data=data, headers=headers, method="POST"))

    def is_ready(self):
        """What /readyz says."""
        return _answer(urllib.request.Request(self.ops + "/readyz"))[0] == 200

    def get(self, path):
        """A page of the operations port, as text."""
        with NO_PROXY.open(self.ops + path, timeout=10) as answer:
            return answer.read().decode()


def _answer(request):
    try:
        with NO_PROXY.open(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


@contextmanager
def intake(folder, **variables):
    """Run `tocsin intake` until the block ends; it must end by itself when it is told to."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    inherited["PYTHONFAULTHANDLER"] = "1"
    settings = {"TOCSIN_INTAKE__FILE": str(write_intake(folder, TICKETS)), "TOCSIN_INTAKE__PORT": "0"} | variables
    log = folder / "intake.log"
    with log.open("wb") as output:
        process = subprocess.Popen([*TOCSIN, "intake"], cwd=ROOT, env=inherited | settings, stderr=output)
    try:
        yield Running(process, log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text(encoding="utf-8")
    finally:
        process.send_signal(signal.SIGABRT)  # one that hangs shows where
        process.wait()


def now_stamp():
    """The time as Zendesk writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def fresh_ticket(number):
    """A ticket event of now."""
    return zendesk(id=str(number)) | {"id": f"event-{number}", "time": now_stamp()}


def post_ticket(running, number):
    """Send one; the status."""
    return running.post("/in/zendesk", zendesk_request(fresh_ticket(number), stamp=now_stamp()))[0]


async def decoded(bootstrap, prefix, topic):
    """Every event of a topic, as a worker reads it."""
    found = await read_topics(bootstrap, [prefix + topic.name])
    read = [codec.decode_batch(topic, records, place[1]) for place, records in found.items()]
    assert not [str(refusal) for each in read for refusal in each.refusals]
    return [event for each in read for event in each.events]


async def test_what_is_posted_stands_in_its_topic(kafka, tmp_path):
    """Signed bodies of three systems become events that a worker's codec takes, on the partition of their key."""
    prefix = kafka.prefix()
    await ensure_topics(Settings(broker=(kafka.bootstrap,), topic_prefix=prefix))
    with intake(tmp_path, TOCSIN_BROKER=kafka.bootstrap, TOCSIN_TOPIC_PREFIX=prefix) as running:
        wait_until(running.is_ready, what="ready")
        assert [post_ticket(running, number) for number in (1, 2, 2)] == [202] * 3
        message = chatwoot_message(created_at=now_stamp())
        assert running.post("/in/chatwoot", chatwoot_request(message, stamp=int(time.time())))[0] == 202
        assert running.post("/in/crm", bearer_request({"items": [{"id": 7}, {}]}))[0] == 202
        assert running.post("/in/crm", (b"{}", {"Content-Type": "application/json"}))[0] == 401
        page = running.get("/metrics")
    assert 'tocsin_intake_requests_total{outcome="accepted",source="helpdesk"} 3.0' in page
    assert 'tocsin_intake_requests_total{outcome="no_signature",source="crm"} 1.0' in page
    assert 'tocsin_probe_ok{probe="ready"} 1.0' in page
    tickets = await decoded(kafka.bootstrap, prefix, topics.TICKETS)
    assert sorted(event.ticket_id for event in tickets) == ["1", "2", "2", "7", "cw-25"]
    assert len({event.event_id for event in tickets}) == 4
    assert [event.text for event in await decoded(kafka.bootstrap, prefix, topics.MESSAGES)] == [message["content"]]
    [letter] = await decoded(kafka.bootstrap, prefix, topics.DEADLETTERS)
    assert (letter.topic, letter.path) == ("intake:crm", "$.ticket_id")


async def test_a_broker_that_is_away_loses_nothing_that_was_accepted(start_broker, tmp_path):
    """503 before the broker is there, 202 with it, 503 while it is away, 202 again; all that was accepted is there."""
    broker = start_broker()
    await ensure_topics(Settings(broker=(broker.bootstrap,)))
    broker.stop()
    with intake(tmp_path, TOCSIN_BROKER=broker.bootstrap) as running:
        assert post_ticket(running, 1) == 503
        assert not running.is_ready()
        assert running.get("/livez")
        broker = start_broker()
        wait_until(running.is_ready, what="ready once the broker is there")
        wait_until(lambda: post_ticket(running, 2) == 202, what="stored")
        broker.stop()
        assert post_ticket(running, 3) == 503
        assert not running.is_ready()
        began = time.monotonic()
        assert post_ticket(running, 4) == 503
        assert time.monotonic() - began < 3  # nobody waits four seconds for who is known to be away
        broker = start_broker()
        wait_until(running.is_ready, what="ready again")
        for number in (3, 4, 5):  # whoever is told to come back comes back
            wait_until(lambda number=number: post_ticket(running, number) == 202, what="stored")
    found = {event.ticket_id for event in await decoded(broker.bootstrap, "", topics.TICKETS)}
    assert {"2", "3", "4", "5"} <= found
    assert "1" not in found


async def test_what_has_begun_is_finished(kafka, tmp_path):
    """A request whose body is still on its way at SIGTERM is received, stored, and answered; then the process ends."""
    prefix = kafka.prefix()
    await ensure_topics(Settings(broker=(kafka.bootstrap,), topic_prefix=prefix))
    data, headers = bearer_request({"items": [{"id": 9}]})
    lines = ["POST /in/crm HTTP/1.1", "Host: intake", f"Content-Length: {len(data)}", "Expect: 100-continue"]
    head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""])
    with intake(tmp_path, TOCSIN_BROKER=kafka.bootstrap, TOCSIN_TOPIC_PREFIX=prefix) as running:
        wait_until(running.is_ready, what="ready")
        address = urlsplit(running.url)
        with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
            connection.sendall(head.encode())
            assert b"100 Continue" in connection.recv(4096)
            running.process.send_signal(signal.SIGTERM)
            wait_until(lambda: "intake_ends" in running.log.read_text("utf-8"), what="ending")
            connection.sendall(data)
            assert connection.recv(4096).startswith(b"HTTP/1.1 202")
        assert running.process.wait(60) == 0  # a second signal would find a process that takes none any more
    assert [event.ticket_id for event in await decoded(kafka.bootstrap, prefix, topics.TICKETS)] == ["9"]


async def test_without_its_topics_it_is_not_ready(kafka, tmp_path):
    """It creates none; the reason names the missing ones, and requests are told to come back."""
    variables = {"TOCSIN_BROKER": kafka.bootstrap, "TOCSIN_TOPIC_PREFIX": kafka.prefix()}
    with intake(tmp_path, **variables) as running:
        answer = running.get("/startupz")
        assert json.loads(answer)["ok"]
        wait_until(lambda: "topics_missing" in running.log.read_text("utf-8"), what="told")
        assert not running.is_ready()
        assert post_ticket(running, 1) == 503
        await ensure_topics(Settings(broker=(kafka.bootstrap,), topic_prefix=variables["TOCSIN_TOPIC_PREFIX"]))
        wait_until(running.is_ready, what="ready once the topics are there")
        assert post_ticket(running, 1) == 202

"""`tocsin incidents audit` and `tocsin silence` against a real broker: who did what, and what stands."""

import time

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from agents.settings import Settings
from agents.topics import ensure_topics
from pipeline.incidents.rulings import audited
from schemas import codec
from schemas.actions import Action, ActionKind, Matcher, Silence
from schemas.audits import ActionResult
from schemas.topics import ACTION_AUDITS, ACTIONS
from tests.support.commands import tocsin
from tests.support.incidents import MANAGER, act
from tests.support.kafka import Kafka
from tests.support.topics import read_topics

HOUR_MS = 3_600_000
INCIDENT = "incident:conversation:c1"


@pytest.fixture
async def environment(kafka: Kafka) -> dict[str, str]:
    """A broker with an acknowledgement, a refusal and a silence in its audit."""
    prefix, now_ms = kafka.prefix(), time.time_ns() // 1_000_000
    await ensure_topics(Settings(broker=(kafka.bootstrap,), topic_prefix=prefix, partitions=1))
    silence = Silence(
        matchers=(Matcher(name="reason", value="delivery"),), starts_at=now_ms, ends_at=now_ms + 72 * HOUR_MS
    )
    begun = replace(act(ActionKind.SILENCE, "", 0, MANAGER, silence=silence), action_id="quiet-1")
    actions = (
        (act(ActionKind.ACK, INCIDENT, 0, note="红字\x1b[31m，换行\n假的一行"), ActionResult.TAKEN),
        (act(ActionKind.RESOLVE, "incident:other", 0, "guest-1"), ActionResult.NOT_ALLOWED),
        (begun, ActionResult.AWAITS_CONSENT),
    )
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
        for number, (action, result) in enumerate(actions):
            body, headers = codec.encode_record(audited(action, result, at_ms=now_ms + number))
            topic = prefix + ACTION_AUDITS.name
            await producer.send_and_wait(topic, body, headers=headers, timestamp_ms=now_ms + number)
    return {"TOCSIN_BROKER": kafka.bootstrap, "TOCSIN_TOPIC_PREFIX": prefix, "TOCSIN_PARTITIONS": "1"}


def test_the_audit_says_who_did_what(environment: dict[str, str]) -> None:
    """One line each, also of what was refused; nothing that somebody wrote can forge a line or colour it."""
    told = tocsin("incidents", "audit", environment=environment)
    acked, refused, silenced = told.stdout.splitlines()
    assert "duty-1  cli  ack  taken" in acked
    assert "假的一行" in acked
    assert "\x1b" not in told.stdout
    assert "guest-1  cli  resolve  拒绝 refused: not_allowed" in refused
    assert "silence  awaits_consent" in silenced
    (only,) = tocsin("incidents", "audit", INCIDENT, "--json", environment=environment).stdout.splitlines()
    assert orjson.loads(only)["actor"] == "duty-1"


async def test_a_silence_is_listed_agreed_to_and_removed(kafka: Kafka, environment: dict[str, str]) -> None:
    """By the beginning of its id; its region is looked up."""
    (line,) = tocsin("silence", "list", environment=environment).stdout.splitlines()
    assert line.startswith("quiet-1  440000  reason=delivery")
    assert "awaits consent until" in line
    later = ("--from", "2030-10-01T02:00", "--for", "90m", "--as", "manager-1")
    assert tocsin("silence", "add", "440000", "--match", "kind=surge", *later, environment=environment).returncode == 0
    wrong = ("--from", "tomorrow", "--match", "kind=surge")
    assert tocsin("silence", "add", "440000", *wrong, environment=environment).returncode == 2
    assert tocsin("silence", "consent", "quiet", "--as", "manager-1", environment=environment).returncode == 1
    assert tocsin("silence", "consent", "quiet", "--as", "manager-2", environment=environment).returncode == 0
    assert tocsin("silence", "remove", "other", environment=environment).returncode == 1
    assert tocsin("silence", "remove", "quiet", "--as", "manager-1", environment=environment).returncode == 0
    found = await read_topics(kafka.bootstrap, [environment["TOCSIN_TOPIC_PREFIX"] + ACTIONS.name])
    added, agreed, action = [
        each for records in found.values() for each in codec.decode_batch(ACTIONS, records, 0).events
    ]
    assert isinstance(action, Action)
    assert isinstance(added, Action)
    assert isinstance(agreed, Action)
    assert (agreed.action, agreed.silence_id, agreed.actor) == (ActionKind.CONSENT, "quiet-1", "manager-2")
    assert added.silence is not None
    assert added.silence.ends_at - added.silence.starts_at == 90 * 60_000
    assert added.silence.starts_at > time.time() * 1000
    assert (action.action, action.silence_id, action.region) == (ActionKind.UNSILENCE, "quiet-1", "440000")

"""Commands against a real broker: topics, replay, tail, doctor."""

import base64
from collections.abc import AsyncIterator

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from agents.settings import Settings
from agents.topics import ensure_topics
from schemas import codec
from schemas.alerts import Alert
from schemas.deadletters import DeadLetter
from schemas.evidence import Evidence, Reason
from schemas.vocabulary import AlertKind, Category, ChannelClass, Level, ReasonGroup, ThreatGroup
from tests.support.commands import tocsin
from tests.support.kafka import Kafka


@pytest.fixture
async def environment(kafka: Kafka) -> dict[str, str]:
    """Variables for the session's broker; the topics of a fresh prefix are there."""
    prefix = kafka.prefix()
    await ensure_topics(Settings(broker=(kafka.bootstrap,), topic_prefix=prefix, partitions=2))
    return {"TOCSIN_BROKER": kafka.bootstrap, "TOCSIN_TOPIC_PREFIX": prefix, "TOCSIN_PARTITIONS": "2"}


@pytest.fixture
async def producer(kafka: Kafka) -> AsyncIterator[AIOKafkaProducer]:
    """A started producer."""
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as started:
        yield started


async def read(kafka: Kafka, topic: str, *, partitions: int = 2) -> list:
    """Everything that stands on a topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    places = [TopicPartition(topic, number) for number in range(partitions)]
    consumer.assign(places)
    async with consumer:
        ends = await consumer.end_offsets(places)
        found = []
        for place in places:
            while await consumer.position(place) < ends[place]:
                found += (await consumer.getmany(place, timeout_ms=1000)).get(place, [])
        return found


def test_topics_plan_and_apply(kafka: Kafka) -> None:
    """Plan finds what is missing, apply creates it, then both find nothing."""
    environment = {"TOCSIN_BROKER": kafka.bootstrap, "TOCSIN_TOPIC_PREFIX": kafka.prefix(), "TOCSIN_PARTITIONS": "1"}
    before = tocsin("topics", "plan", "--json", environment=environment)
    assert (before.returncode, len(orjson.loads(before.stdout)["missing"])) == (
        1,
        orjson.loads(before.stdout)["topics"],
    )
    applied = tocsin("topics", "apply", "--json", environment=environment)
    assert (applied.returncode, orjson.loads(applied.stdout)["missing"]) == (0, [])
    assert tocsin("topics", "plan", environment=environment).returncode == 0
    other = tocsin("topics", "plan", environment={**environment, "TOCSIN_PARTITIONS": "3"})
    assert other.returncode == 1
    assert "partitions is 1, expected 3" in other.stdout


async def test_replay_keeps_keys_headers_and_bytes(kafka: Kafka, environment: dict[str, str]) -> None:
    """What is in the file is on the topic; the partition follows from the key; broken records are sent as they are."""
    lines = [
        {
            "topic": "calls.utterances",
            "timestamp_ms": 1000,
            "key": "c-1",
            "headers": {"ce_id": "e-1"},
            "value": {"a": "您"},
        },
        {
            "topic": "calls.utterances",
            "timestamp_ms": 2000,
            "key": "c-1",
            "value_base64": base64.b64encode(b"\xff{").decode(),
        },
        {"topic": "calls.utterances", "timestamp_ms": 3000, "key": None, "partition": 1, "value": {}},
    ]
    given = b"\n".join(map(orjson.dumps, lines)) + b"\n\n"
    done = tocsin("replay", "-", "--speed", "0", "--shift", "none", "--json", environment=environment, given=given)
    assert (done.returncode, done.stdout) == (0, '{"sent":3}\n'), done.stderr
    found = await read(kafka, environment["TOCSIN_TOPIC_PREFIX"] + "calls.utterances")
    first, second, third = sorted(found, key=lambda record: record.timestamp)
    assert (first.key, orjson.loads(first.value), first.headers) == (b"c-1", {"a": "您"}, (("ce_id", b"e-1"),))
    assert (second.value, second.partition) == (b"\xff{", first.partition)
    assert (third.key, third.value, third.partition) == (None, b"{}", 1)
    assert [record.timestamp for record in (first, second, third)] == [1000, 2000, 3000]


def test_replay_names_the_wrong_line(environment: dict[str, str]) -> None:
    """A line that is no record ends the replay with its number; what stood before it was sent."""
    given = b'{"topic": "ticks", "timestamp_ms": 1, "value": {}}\n\n{"topic": "ticks", "value": {}}\n'
    done = tocsin("replay", "-", environment=environment, given=given)
    assert done.returncode == 2
    assert "-:3: timestamp_ms: expected a whole number" in done.stderr
    assert "up to 1 records were sent before" in done.stderr


async def test_tail_shows_alerts_with_their_evidence(environment, producer: AIOKafkaProducer) -> None:
    """Level by colour and shape, region by name, evidence marked; as JSON the record itself."""
    alert = Alert(
        alert_id="level_rise:c-1:e-9",
        kind=AlertKind.LEVEL_RISE,
        region="330000",
        fingerprint="f",
        occurred_at=1_773_619_260_000,
        emitted_at=1_773_619_260_000,
        level=Level.HIGH_RISK,
        channel=ChannelClass.VOICE,
        conversation_id="c-1",
        threats=(ThreatGroup.SAFETY_INJURY,),
        reasons=(Reason(l1=ReasonGroup.PRODUCT, l2="safety"),),
        evidence=(
            Evidence(
                rule="threat.safety_injury:触电",
                version="v",
                utterance_id="u-1",
                char_start=3,
                char_end=5,
                text_masked="昨天触电了，电话[手机]",
                mark_start=2,
                mark_end=4,
            ),
        ),
    )
    value, headers = codec.encode_record(alert)
    await producer.send_and_wait(environment["TOCSIN_TOPIC_PREFIX"] + "complaints.alerts", value, headers=headers)
    shown = tocsin("tail", "alerts", "--from-start", "--count", "1", environment=environment)
    assert shown.returncode == 0
    for part in ("■ 高危投诉", "浙江", "电话", "人身伤害 · 产品问题", "昨天【触电】了", "08:01:00"):
        assert part in shown.stdout
    raw = tocsin("tail", "alerts", "--from-start", "--count", "1", "--json", environment=environment)
    assert orjson.loads(raw.stdout)["alert_id"] == "level_rise:c-1:e-9"


async def test_tail_of_dead_letters_shows_no_content(environment, producer: AIOKafkaProducer) -> None:
    """Where it stood and what was expected; never what the record held."""
    secret = base64.b64encode("电话13800138000".encode()).decode()
    letter = DeadLetter(
        topic="calls.utterances", partition=1, offset=7, reason=Category.SCHEMA, error="expected an id", at=0,
        bytes_b64=secret, size_bytes=17, path="$.conversation_id",
    )  # fmt: skip
    value, headers = codec.encode_record(letter)
    await producer.send_and_wait(environment["TOCSIN_TOPIC_PREFIX"] + "deadletters", value, headers=headers)
    shown = tocsin("tail", "deadletters", "--from-start", "--count", "1", environment=environment)
    assert "calls.utterances[1]@7" in shown.stdout
    assert "$.conversation_id" in shown.stdout
    assert "13800138000" not in shown.stdout
    assert secret not in shown.stdout


def test_tail_of_a_missing_topic_says_what_to_do(kafka: Kafka) -> None:
    """A wrong prefix is the likely reason; the message names the topic and the remedy."""
    done = tocsin("tail", "alerts", environment={"TOCSIN_BROKER": kafka.bootstrap, "TOCSIN_TOPIC_PREFIX": "nobody."})
    assert done.returncode == 2
    assert "nobody.complaints.alerts" in done.stderr
    assert "tocsin topics apply" in done.stderr


def test_doctor_is_content_with_a_good_broker(environment: dict[str, str]) -> None:
    """Broker and topics as they should be: all is well."""
    done = tocsin("doctor", environment=environment)
    assert done.returncode == 0, done.stdout
    assert "一切正常" in done.stdout

"""`tocsin replay` and `tocsin tail` against odd records and a broker that is not as expected."""

import json
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from agents.settings import Settings
from agents.topics import ensure_topics
from tests.support.commands import tocsin
from tests.support.kafka import Kafka


@pytest.fixture
async def environment(kafka: Kafka) -> dict[str, str]:
    """Variables for the session's broker; the topics of a fresh prefix are there."""
    prefix = kafka.prefix()
    await ensure_topics(Settings(broker=(kafka.bootstrap,), topic_prefix=prefix, partitions=2))
    return {"TOCSIN_BROKER": kafka.bootstrap, "TOCSIN_TOPIC_PREFIX": prefix, "TOCSIN_PARTITIONS": "2"}


def record(**fields: Any) -> dict[str, Any]:
    """A record that could be sent."""
    return {"topic": "calls.utterances", "timestamp_ms": 1_773_619_200_000, "key": "c", "value": {}, **fields}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        pytest.param({"topic": "nobody"}, "nobody on ", id="a topic that is not there"),
        pytest.param({"topic": "no such name"}, "no such name on ", id="a name that Kafka would not have"),
        pytest.param({"partition": 9}, "2 partitions, no partition 9", id="a partition that is not there"),
        pytest.param({"value": "13812345678" * 500_000}, "record 2", id="larger than Kafka takes"),
        pytest.param({"timestamp_ms": 253_402_300_799_999}, "InvalidTimestampError", id="from the future"),
    ],
)
def test_a_record_that_cannot_be_sent_ends_a_replay_at_once(environment, fields: dict[str, Any], told: str) -> None:
    """One sentence, nothing of the record in it, no waiting until a client gives up."""
    given = b"".join(json.dumps(each).encode() + b"\n" for each in (record(), record(**fields)))
    done = tocsin("replay", "-", "--speed", "0", "--shift", "none", environment=environment, given=given, seconds=35)
    assert done.returncode == 2
    assert told in done.stderr
    assert ("Traceback" in done.stderr, "13812345678" in done.stderr) == (False, False)


async def test_what_somebody_else_put_on_a_topic_is_told_and_passed_over(kafka: Kafka, environment) -> None:
    """People see that it is there, programs get nothing but JSON, and nobody sees what it holds."""
    topic = environment["TOCSIN_TOPIC_PREFIX"] + "deadletters"
    letter = (
        b'{"schema": "dead.letter/1", "topic": "calls.utterances", "partition": 0, "offset": 7, "reason": "decode",'
        b' "error": "$: expected JSON", "at": 1, "bytes_b64": "eA==", "size_bytes": 1}'
    )
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
        for value in (b"\xff13812345678", b"{13812345678", letter):
            await producer.send_and_wait(topic, value, partition=0)
    for arguments in ((), ("--json",)):
        shown = tocsin("tail", "deadletters", "--from-start", "--count", "1", *arguments, environment=environment)
        assert shown.returncode == 0
        assert "13812345678" not in shown.stdout + shown.stderr
        assert shown.stderr.count("not a record of deadletters") == 2
        assert "calls.utterances" in shown.stdout


def test_no_broker_is_one_sentence_for_every_command() -> None:
    """Whichever command asks, the operator reads the same and a script gets the same code."""
    for command in (("topics", "plan"), ("topics", "apply"), ("tail", "alerts"), ("replay", "-")):
        done = tocsin(*command, environment={"TOCSIN_BROKER": "127.0.0.1:9"})
        assert done.returncode == 3
        assert "tocsin: no broker answers at 127.0.0.1:9" in done.stderr

"""`tocsin promises list` and `explain` say from a real broker what a worker has published."""

import asyncio
import time
from pathlib import Path

import msgspec
import orjson

from schemas.promises import Promise
from schemas.topics import PROMISES, UTTERANCES
from tests.support.cluster import Cluster, wait_until
from tests.support.commands import tocsin
from tests.support.disruptions import WORKER, environment, is_ready
from tests.support.inbound import utterance
from tests.support.kafka import Kafka
from tests.support.tickets import MINUTE
from tests.support.topics import Sent, read_topics, write_records


def said(prefix: str, number: int, at_ms: int, text: str, **fields: str) -> Sent:
    """One sentence of a call."""
    body = utterance(number, occurred_at=at_ms, text=text, **fields)
    return Sent(prefix + UTTERANCES.name, 0, body["conversation_id"].encode(), orjson.dumps(body), at_ms)


def story(prefix: str, now_ms: int) -> list[Sent]:
    """One promise is kept by a call back, one is long over, one is still open."""
    one = {"conversation_id": "c-1", "customer_key": "k-1", "agent_id": "a-1"}
    two = {"conversation_id": "c-2", "customer_key": "k-2", "agent_id": "a-2"}
    back = {"conversation_id": "c-3", "customer_key": "k-1", "agent_id": "a-1", "direction": "out"}
    return [
        said(prefix, 1, now_ms - 90 * MINUTE, "您放心，两小时内给您回电话。", role="agent", **one),
        said(prefix, 2, now_ms - 80 * MINUTE, "半小时内给您答复。", role="agent", **two),
        said(prefix, 3, now_ms - 70 * MINUTE, "三个工作日内退款到账。", role="agent", **two),
        said(prefix, 4, now_ms - 30 * MINUTE, "你好", role="customer", **back),
    ]


def test_what_is_owed_and_why(kafka: Kafka, tmp_path: Path) -> None:
    """The list is what the topic holds; the account of each promise ends where the worker's record of it stands."""
    prefix = kafka.prefix()
    variables = environment(kafka.bootstrap, prefix) | {"TOCSIN_PARTITIONS": "1"}
    with Cluster(tmp_path, variables, command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), within_seconds=90, what="a worker takes its partitions over")
        asyncio.run(write_records(kafka.bootstrap, story(prefix, int(time.time() * 1000))))
        wait_until(lambda: len(published(kafka, prefix)) == 3, within_seconds=60, what="three promises are known")
        wait_until(
            lambda: any(each.state == "kept" for each in published(kafka, prefix).values()),
            within_seconds=60,
            what="one of them is kept",
        )
        cluster.scale(0)
        wait_until(lambda: not cluster.running(), within_seconds=60, what="the worker ends")
    known = published(kafka, prefix)
    listed = tocsin("promises", "list", "--all", "--json", environment=variables)
    assert listed.returncode == 0, listed.stderr
    assert {each["promise_id"]: each for each in map(orjson.loads, listed.stdout.splitlines())} == {
        name: msgspec.to_builtins(promise) for name, promise in known.items()
    }
    owed = tocsin("promises", "list", environment=variables).stdout
    assert [name in owed for name, promise in known.items() if promise.state == "kept"] == [False]
    assert "退款" in owed
    assert "退款" not in tocsin("promises", "list", "--agent", "a-1", "--all", environment=variables).stdout
    for name, promise in known.items():
        until = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(promise.emitted_at // 1000 + 1))
        done = tocsin("promises", "explain", name, "--json", "--until", until, environment=variables)
        assert done.returncode == 0, done.stderr
        last = orjson.loads(done.stdout.splitlines()[-1])["promise"]
        fields = ("state", "reason", "due_at", "said_at", "quote")
        assert {field: last.get(field) for field in fields} == {
            field: msgspec.to_builtins(promise).get(field) for field in fields
        }
    assert tocsin("promises", "explain", "promise:c-1:u-1:gift", environment=variables).returncode == 1


def published(kafka: Kafka, prefix: str) -> dict[str, Promise]:
    """Each promise as the worker told it last."""
    records = asyncio.run(read_topics(kafka.bootstrap, [prefix + PROMISES.name])).values()
    values = [msgspec.json.decode(each.value, type=Promise) for found in records for each in found if each.value]
    return {value.promise_id: value for value in values}

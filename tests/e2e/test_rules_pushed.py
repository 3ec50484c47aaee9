"""Rules are swapped under a running stream: each partition at one place of its log, whoever dies in between."""

import asyncio
import json
import signal
import time
from collections import defaultdict
from pathlib import Path

import msgspec
import orjson

from agents.engine.transactions import partition_of
from agents.packs import publish
from agents.product import build_product
from agents.settings import Settings
from schemas.tagged import Tag
from schemas.topics import RULES_PACKS, TAGGED, UTTERANCES
from tests.support.cluster import Cluster, wait_until
from tests.support.commands import tocsin
from tests.support.disruptions import WORKER, environment, feeding, is_ready
from tests.support.inbound import utterance
from tests.support.kafka import Kafka
from tests.support.oracle import compare
from tests.support.packs import files_with, folder_with, push
from tests.support.topics import Sent, read_topics, worked_off

WORD = "青山绿水桥"  # no rule of the shipped pack knows it
PARTITIONS = 4
EVENTS = 6_000


def stream(prefix: str) -> list[Sent]:
    """Every other event says the word, every tenth complains outright."""
    now_ms = int(time.time() * 1000)
    sent = []
    for number in range(EVENTS):
        turn = number // PARTITIONS
        text = "我要投诉你们" if turn % 10 == 0 else f"这里是{WORD}" if turn % 2 else "好的"
        conversation = f"c-{number % 400}"
        partition = partition_of(conversation.encode(), PARTITIONS)
        body = utterance(number, occurred_at=now_ms + number, conversation_id=conversation, text=text)
        value = json.dumps(body, ensure_ascii=False).encode()
        sent.append(Sent(prefix + UTTERANCES.name, partition, conversation.encode(), value, now_ms + number))
    return sent


def test_a_pack_is_swapped_under_a_stream_and_workers_die(kafka: Kafka, tmp_path: Path) -> None:
    """Tags before the switch name the old pack, those after it the new one; a bad pack changes nothing."""
    prefix = kafka.prefix()
    variables = environment(kafka.bootstrap, prefix)
    settings = Settings(broker=(kafka.bootstrap,), topic_prefix=prefix, application_id=f"{prefix}app")
    new = folder_with(tmp_path / "new", WORD)
    events = stream(prefix)
    with Cluster(tmp_path, variables, command=WORKER) as cluster:
        cluster.scale(2)
        wait_until(is_ready(cluster, 2), what="both workers take partitions over")
        # In three parts: however long a push takes, there are events under the old pack, in its shadow, and after it.
        with feeding(kafka.bootstrap, events[: EVENTS // 3], per_second=400):
            shadow = tocsin("rules", "push", str(new), "--shadow", "--json", environment=variables)
            assert orjson.loads(shadow.stdout)["taken"], shadow
        with feeding(kafka.bootstrap, events[EVENTS // 3 : EVENTS * 2 // 3], per_second=400):
            cluster.running()[0].send(signal.SIGKILL)
            pushed = tocsin(
                "rules", "push", str(new), "--by", "quality", "--wait", "90", "--json", environment=variables
            )
            told = orjson.loads(pushed.stdout)
            assert (pushed.returncode, told["taken"], len(told["states"])) == (0, True, PARTITIONS), pushed
        with feeding(kafka.bootstrap, events[EVENTS * 2 // 3 :], per_second=400):
            cluster.running()[-1].send(signal.SIGKILL)
            bad = push(files_with("别的词"), at_ms=int(time.time() * 1000), version="0bad")
            asyncio.run(publish(settings, [bad], partitions=PARTITIONS))
            for worker in cluster.running():
                worker.send(signal.SIGKILL)
        topics = [prefix + topic.name for topic in (UTTERANCES, RULES_PACKS)]
        asyncio.run(worked_off(kafka.bootstrap, f"{prefix}app", topics))
        status = tocsin("rules", "status", "--json", environment=variables)
    own, version = build_product(Settings()), told["version"]
    result = asyncio.run(compare(kafka.bootstrap, prefix, own.stages))
    assert result.events == EVENTS
    assert len(cluster.exits) >= 3
    assert_tags_change_once(kafka.bootstrap, prefix, own.rules_version, version)
    states = orjson.loads(status.stdout)["states"]
    assert status.returncode == 1  # something was refused, and status says so
    assert {(state["live"], state["shadow"], state["refused"]["version"]) for state in states} == {
        (version, version, "0bad")
    }
    counted = sum((state["counted"]["levels"].get("none/explicit", 0) for state in states), 0)
    assert counted > 0
    assert {each["slot"]: each["pushed_by"] for each in orjson.loads(status.stdout)["pushed"]}["previous"] == "quality"


def assert_tags_change_once(bootstrap: str, prefix: str, old: str, new: str) -> None:
    """In the order of each partition the version changes once, and the word is found under the new pack alone."""
    tags = asyncio.run(read_topics(bootstrap, [prefix + TAGGED.name]))
    seen: dict[int, list[Tag]] = defaultdict(list)
    for (_, partition), records in tags.items():
        seen[partition] += [msgspec.json.decode(record.value or b"", type=Tag) for record in records]
    assert len(seen) == PARTITIONS
    for found in seen.values():
        versions = [tag.rules_version for tag in found]
        switch = versions.index(new)
        assert switch > 0
        assert set(versions[:switch]) == {old}
        assert set(versions[switch:]) == {new}
        assert {tag.rules_version for tag in found if WORD in tag.keywords} == {new}


def test_going_back_and_what_cannot_be_pushed(kafka: Kafka, tmp_path: Path) -> None:
    """A pack with problems never reaches the topic; a roll-back needs something to go back to, and finds it."""
    prefix = kafka.prefix()
    variables = environment(kafka.bootstrap, prefix)
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "a.yaml").write_text("cues:\n  demand: {level: loud, score: 1, words: [x]}\n", encoding="utf-8")
    with Cluster(tmp_path, variables, command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="a worker takes its partitions over")
        refused = tocsin("rules", "push", str(folder), environment=variables)
        assert refused.returncode == 1
        assert "a.yaml:2" in refused.stdout
        early = tocsin("rules", "push", "--rollback", environment=variables)
        assert early.returncode == 1
        assert "nothing to go back to" in early.stderr
        versions = []
        first = str(folder_with(tmp_path / "new", WORD))
        for arguments in ((first,), ("--rollback",), ("--rollback",)):
            done = tocsin("rules", "push", *arguments, "--json", environment=variables)
            assert done.returncode == 0, done
            versions.append({state["live"] for state in orjson.loads(done.stdout)["states"]})
        status = tocsin("rules", "status", environment=variables)
    own = build_product(Settings()).rules_version
    new = orjson.loads(done.stdout)["version"]
    assert versions == [{new}, {own}, {new}]
    assert status.returncode == 0
    assert new in status.stdout

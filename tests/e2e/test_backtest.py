"""The back-test over the history of a real Kafka: the same as over a file, and people's verdicts are its truth."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec

from agents.backtest.comparison import Plan
from agents.backtest.job import Job, Kept, read_line
from agents.backtest.saved import Backtest, load
from agents.engine.transactions import partition_of
from agents.settings import Settings
from agents.topics import ensure_topics
from schemas import codec
from schemas.actions import Verdict
from schemas.labels import VerdictLabel
from schemas.topics import LABELS
from schemas.vocabulary import AlertKind, Level
from tests.support.alerts import DAY, HOUR_START_MS, MINUTE
from tests.support.backtests import NEW_WORD, history, utc
from tests.support.commands import tocsin
from tests.support.kafka import Kafka
from tests.support.packs import folder_with
from tests.support.topics import Sent, write_records


def test_history_on_kafka_is_judged_as_in_a_file(kafka: Kafka, tmp_path: Path) -> None:
    """Over four partitions, in the order of time; what is right and wrong was said by people on the board."""
    prefix = kafka.prefix()
    settings = Settings(broker=(kafka.bootstrap,), topic_prefix=prefix)
    pack = folder_with(tmp_path / "new", NEW_WORD)
    recorded = history()
    recording = tmp_path / "history.jsonl"
    recording.write_bytes(b"".join(record.as_line() for record in recorded))
    verdicts = [
        judged("c1", HOUR_START_MS, Verdict.TRUE),
        judged("c2", HOUR_START_MS + 2 * MINUTE, Verdict.TRUE),
        judged("c3", HOUR_START_MS + DAY, Verdict.FALSE_ALARM),
        judged("nobody", HOUR_START_MS, Verdict.TRUE),
    ]

    async def write() -> None:
        await ensure_topics(settings)
        sent = [
            Sent(
                prefix + record.topic, partition_of(record.key or b"", 4), record.key or b"", record.value or b"",
                record.timestamp_ms,
            )
            for record in recorded
        ]  # fmt: skip
        sent += [
            Sent(prefix + LABELS.name, 0, each.alert_id.encode(), codec.encode(each), each.at) for each in verdicts
        ]
        await write_records(kafka.bootstrap, sent)

    asyncio.run(write())
    variables = {"TOCSIN_BROKER": kafka.bootstrap, "TOCSIN_TOPIC_PREFIX": prefix}
    words = ("backtest", "--pack", str(pack), "--json")
    on_kafka = tocsin(*words, environment=variables)
    in_file = tocsin(*words, "--events", str(recording), environment=variables)
    assert on_kafka.returncode == 0, on_kafka.stderr
    found, expected = json.loads(on_kafka.stdout), json.loads(in_file.stdout)
    assert [each["conversation_id"] for each in found["added"]] == ["c2", "c3"]
    for part in ("added", "removed", "days"):
        assert found[part] == expected[part]
    assert "13800138000" not in on_kafka.stdout
    assert found["before"]["quality"]["recall"] == 0.5
    assert found["after"]["quality"]["precision"] == 0.6667
    kept = by_the_board(tmp_path / "kept", pack, variables)
    counts = found.pop("records")
    assert (counts["judged"], counts["refused"]) == (len(recorded), 0)
    assert msgspec.to_builtins(kept.report) == found
    second_day = tocsin(*words, "--from", utc(HOUR_START_MS + DAY), environment=variables)
    assert [each["conversation_id"] for each in json.loads(second_day.stdout)["added"]] == ["c3"]


def by_the_board(folder: Path, pack: Path, variables: dict[str, str]) -> Backtest:
    """The same, by the process that the board starts."""
    plan = Plan(pack=str(pack), until_ms=HOUR_START_MS + 10 * DAY)
    job = Job(plan, str(folder), within_seconds=60, memory_bytes_max=1024**3)
    command = [sys.executable, "-m", "agents.backtest"]
    line = msgspec.json.encode(job) + b"\n"
    done = subprocess.run(command, input=line, capture_output=True, env=os.environ | variables, timeout=60, check=True)
    *_, end = done.stdout.splitlines()
    told = read_line(end)
    assert isinstance(told, Kept), told
    found = load(folder, told.backtest_id)
    assert found is not None
    return found


def judged(conversation_id: str, at_ms: int, verdict: Verdict) -> VerdictLabel:
    """A verdict on an explicit complaint, as `tocsin verdicts` keeps it."""
    return VerdictLabel(
        alert_id=f"level_rise:{conversation_id}:explicit", verdict=verdict, by="lead", at=at_ms,
        kind=AlertKind.LEVEL_RISE, level=Level.EXPLICIT, region="440000", occurred_at=at_ms,
        conversation_id=conversation_id,
    )  # fmt: skip

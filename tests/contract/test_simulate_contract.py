"""`tocsin simulate` as scripts rely on it: records in, records out, the same bytes for the same input."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.topics import by_name
from tests.support.commands import tocsin

AT_MS = 1_773_619_200_000
SAID = (
    ("customer", "你好，我想问一下我的订单"),
    ("customer", "太失望了，等了半天没人管"),
    ("agent", "您可以投诉，也可以打12315"),
    ("customer", "我要投诉"),
    ("customer", "再不处理我就打12315曝光你们"),
)


def utterance(conversation: int, turn: int, **fields: Any) -> dict[str, Any]:
    """One turn of a call, as a record."""
    role, text = SAID[turn]
    at_ms = AT_MS + conversation * 3_000 + turn * 7_000
    value = {
        "schema": "call.utterance/1",
        "event_id": f"e-{conversation}-{turn}",
        "source": "test",
        "occurred_at": at_ms,
        "conversation_id": f"call-{conversation}",
        "utterance_id": f"u-{turn}",
        "revision": 0,
        "is_final": True,
        "role": role,
        "text": text,
        "start_ms": turn * 7_000,
        "end_ms": turn * 7_000 + 900,
        "region": ("440000", "310000")[conversation % 2],
        "agent_id": f"agent-{conversation % 3}",
        **fields,
    }
    return {"topic": "calls.utterances", "timestamp_ms": at_ms, "key": f"call-{conversation}", "value": value}


DAY = sorted((utterance(c, t) for c in range(12) for t in range(len(SAID))), key=lambda record: record["timestamp_ms"])


def as_lines(records: list[dict[str, Any]]) -> bytes:
    """Records as JSON lines."""
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def simulate(given: bytes, **variables: str) -> list[dict[str, Any]]:
    """What comes out of a run without problems."""
    done = tocsin("simulate", "-", given=given, environment=variables)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def of_topic(records: list[dict[str, Any]], topic: str) -> list[dict[str, Any]]:
    """The values on a topic."""
    return [record["value"] for record in records if record["topic"] == topic]


def by_conversation(records: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Tags and alerts of each conversation, in order; hints and some alerts go by agent, windows by region."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        if record["topic"] in {"complaints.tagged", "complaints.alerts"} and "conversation_id" in record["value"]:
            found.setdefault(record["value"]["conversation_id"], []).append(record)
    return found


def test_same_input_same_bytes(tmp_path: Path) -> None:
    """Neither the seed of hashing, nor the locale, nor where the input comes from changes a byte."""
    given = as_lines(DAY)
    (tmp_path / "day.jsonl").write_bytes(given.replace(b"\n", b"\r\n").removesuffix(b"\r\n"))
    runs = {
        tocsin("simulate", "-", given=given, environment={"PYTHONHASHSEED": "0"}).stdout,
        tocsin("simulate", "-", given=given, environment={"PYTHONHASHSEED": "7", "LC_ALL": "C"}).stdout,
        tocsin("simulate", str(tmp_path / "day.jsonl")).stdout,
    }
    assert len(runs) == 1
    lines = [json.loads(line) for line in runs.pop().splitlines()]
    assert all(list(line) == ["topic", "key", "value"] and line["topic"] in by_name for line in lines)


def test_neighbours_ticks_and_repeats_change_no_conversation() -> None:
    """However conversations interleave, wherever ticks stand, whatever comes twice: each stays as it is."""
    expected = simulate(as_lines(DAY))
    dice = random.Random(5)
    lanes = {record["key"]: iter([each for each in DAY if each["key"] == record["key"]]) for record in DAY}
    order = [record["key"] for record in DAY]
    dice.shuffle(order)
    records: list[dict[str, Any]] = []
    for key in order:
        record = next(lanes[key])
        records += [record] * dice.choice((1, 1, 2))
        if dice.random() < 0.3:
            now_ms = record["timestamp_ms"] + dice.randint(-200_000, 200_000)
            records.append({"topic": "ticks", "timestamp_ms": AT_MS, "key": None, "value": {"now_ms": now_ms}})
    found = simulate(as_lines(records))
    assert by_conversation(found) == by_conversation(expected)
    assert rises(found) == in_windows(found) == rises(expected)


def rises(records: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Rises of conversations by region and level."""
    alerts = of_topic(records, "complaints.alerts")
    return Counter((alert["region"], alert["level"]) for alert in alerts if alert["kind"] == "level_rise")


def in_windows(records: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """The same as the newest versions of the minutes count them."""
    newest = {
        (window["region"], window["channel"], window["window_start"]): window
        for window in of_topic(records, "regions.windows")
        if window["window_s"] == 60
    }
    counted: Counter[tuple[str, str]] = Counter()
    for window in newest.values():
        counted.update({(window["region"], level): count for level, count in window["alerts"].items()})
    return counted


ODD_VALUES = [
    pytest.param(b'"value": null', "decode", id="no value"),
    pytest.param(b'"value": "13812345678"', "schema", id="a text"),
    pytest.param(b'"value": [[1], 2]', "schema", id="a list"),
    pytest.param(b'"value": {"text": NaN}', "decode", id="no number of JSON"),
    pytest.param(b'"value": {"text": "\\ud800"}', "decode", id="half a character"),
    pytest.param(b'"value": "\xff13812345678"', "decode", id="not UTF-8"),
    pytest.param(b'"value_base64": "//57"', "decode", id="bytes"),
    pytest.param(b'"value": ' + b"[" * 900 + b"]" * 900, "decode", id="nested too deep"),
    pytest.param(b'"value": {"schema": "call.utterance/9"}', "unknown_type", id="another schema"),
    pytest.param(b'"value": {"schema": "' + b"x" * 300_000 + b'"}', "too_large", id="too large"),
]


@pytest.mark.parametrize(("value", "reason"), ODD_VALUES)
def test_what_kafka_may_carry_is_a_dead_letter(value: bytes, reason: str) -> None:
    """It costs no neighbour anything, is kept whole, and nothing of it is said in words."""
    line = b'{"topic": "calls.utterances", "timestamp_ms": 1773619200000, "key": "call-1", ' + value + b"}\n"
    found = simulate(as_lines([utterance(1, 3)]) + line + as_lines([utterance(1, 4)]))
    assert [alert["level"] for alert in of_topic(found, "complaints.alerts")] == ["explicit", "high_risk"]
    (letter,) = of_topic(found, "deadletters")
    assert letter["reason"] == reason
    assert (letter["topic"], letter["offset"]) == ("calls.utterances", 1)
    assert "13812345678" not in letter["error"] + letter["path"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param(b"{broken 13812345678", "expected one JSON object", id="no JSON"),
        pytest.param(b"[" * 100_000, "expected one JSON object", id="nested without end"),
        pytest.param(b'{"topic": "nobody", "timestamp_ms": 1, "key": "k", "value": 1}', "topic", id="unknown topic"),
        pytest.param(
            b'{"topic": "ticks", "timestamp_ms": 1, "partition": -1, "value": 1}', "partition", id="partition"
        ),
        pytest.param(b'{"topic": "ticks", "timestamp_ms": 1, "value_base64": "%%"}', "value_base64", id="base64"),
    ],
)
def test_a_line_that_is_no_record_is_told_by_number(line: bytes, told: str) -> None:
    """The others are simulated all the same, and the exit code says that something was wrong."""
    given = as_lines([utterance(1, 3)]) + b"\n" + line + b"\n" + as_lines([utterance(1, 4)])
    done = tocsin("simulate", "-", given=given)
    assert done.returncode == 1
    assert f"-:3: {told}" in done.stderr
    assert "13812345678" not in done.stderr
    levels = [
        orjson.loads(each)["value"].get("level") for each in done.stdout.splitlines() if b"alerts" in each.encode()
    ]
    assert "high_risk" in levels


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """One sentence and the code for wrong usage."""
    for name in (tmp_path / "nothing.jsonl", tmp_path):
        done = tocsin("simulate", str(name))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert str(name) in done.stderr


def cloud_event(value: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """The envelope of an event as attributes, and the body without it."""
    body = {name: each for name, each in value.items() if name not in {"schema", "event_id", "source", "occurred_at"}}
    time = "2026-03-16T08:00:00+08:00"
    return {"specversion": "1.0", "id": "e-1", "type": value["schema"], "source": "pbx", "time": time}, body


def test_cloud_events_in_both_modes_are_the_plain_event() -> None:
    """Attributes in headers, as an object or as pairs, or around the body: one event, one result."""
    plain = utterance(0, 3, event_id="e-1", source="pbx", occurred_at=AT_MS)
    plain["timestamp_ms"] = AT_MS
    attributes, body = cloud_event(plain["value"])
    headers = {f"ce_{name}": value for name, value in attributes.items()}
    structured = {"content-type": "application/cloudevents+json; charset=UTF-8"}
    spellings = [
        plain,
        {**plain, "headers": headers, "value": body},
        {**plain, "headers": [[name, value] for name, value in headers.items()], "value": body},
        {**plain, "headers": structured, "value": {**attributes, "data": body}},
    ]
    first, *others = (simulate(as_lines([spelling])) for spelling in spellings)
    assert [alert["level"] for alert in of_topic(first, "complaints.alerts")] == ["explicit"]
    assert all(other == first for other in others)

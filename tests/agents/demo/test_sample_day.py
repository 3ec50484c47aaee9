"""The sample day: large and varied enough, read without a refusal but one, judged as its script says."""

from collections import Counter

import orjson
import pytest

from agents.demo import script
from agents.demo.tally import Tally, quantile
from agents.demo.voice import opinions
from agents.engine.transactions import partition_of
from agents.product import build_product
from agents.recording.records import read_records
from agents.settings import Settings
from pipeline.runner import Incoming, Runner
from schemas import codec
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.tagged import Tag
from schemas.topics import DEADLETTERS, by_name
from schemas.vocabulary import AlertKind, Level

PARTITIONS = 4


@pytest.fixture(scope="module")
def outputs():
    """Everything that the pipeline says about the day."""
    runner = Runner(build_product(Settings()).stages, partition_of=lambda key: partition_of(key, PARTITIONS))
    incoming = [
        Incoming(
            by_name[each.topic],
            partition_of(each.key or b"", PARTITIONS),
            Record(number, each.timestamp_ms, each.key, each.value, each.headers),
        )
        for number, each in enumerate(script.records())
    ]
    return list(runner.feed(incoming))


def test_the_recording_is_what_the_script_says() -> None:
    """`python -m agents.demo.script` was run after the last change of the dialogues."""
    with script.RECORDING.open("rb") as lines:
        assert list(read_records(lines, name="day.jsonl")) == script.records()


def test_the_day_is_large_and_varied_enough() -> None:
    """Sixty conversations, all levels, both scripts, many provinces, partial and repeated and late events."""
    conversations = script.conversations()
    assert len(conversations) >= 60
    assert len({each.id for each in conversations}) == len(conversations)
    assert len(script.records()) >= 400
    assert len({each.region for each in conversations}) >= 8
    assert min(Counter(each.level for each in conversations)[level] for level in Level) >= 10
    assert {each.is_call for each in conversations} == {True, False}
    written = [each.written for each in conversations]
    assert any("repeat" in each for each in written)
    assert any("late" in each for each in written)
    assert any(script.PARTIAL in each["says"] for each in written)
    assert any("請" in each["says"] for each in written)


def test_one_record_is_broken_and_stops_nobody(outputs) -> None:
    """The poison becomes a dead letter; it is the only one."""
    assert sum(1 for output in outputs if output.topic is DEADLETTERS) == 1
    for record in script.records():
        raw = Record(0, record.timestamp_ms, record.key, record.value, record.headers)
        refusals = codec.decode_batch(by_name[record.topic], [raw], 0).refusals
        assert bool(refusals) == (record.value == script.POISON)


def test_every_conversation_reaches_the_level_of_the_script(outputs) -> None:
    """Levels and regions are those that a person would give; hard negatives stay quiet."""
    tally = Tally()
    alerts = [output.value for output in outputs if isinstance(output.value, Alert)]
    for alert in alerts:
        tally.alert(alert, seen_at_ms=alert.emitted_at)
    assert tally.misses(script.levels()) == []
    regions = {each.id: each.region for each in script.conversations()}
    regions |= {each.id: each.written["region"] for each in opinions()}
    assert {each for each, region in tally.regions.items() if regions[each] != region} == set()
    assert [alert.kind for alert in alerts].count(AlertKind.SELF_HARM) == 1


def test_nothing_personal_is_quoted(outputs) -> None:
    """Numbers, cards and addresses of the script appear in no output."""
    said = b"".join(codec.encode_record(output.value)[0] for output in outputs if output.topic is not DEADLETTERS)
    for secret in ("13800138000", "13900000000", "139 0000 0000", "11010519491231002X", "6222020000000000018",
                   "demo.user@example.com", "DD202600018877", "HK202600009915"):  # fmt: skip
        assert secret.encode() not in said
        assert any(secret.encode() in (each.value or b"") for each in script.records()), f"{secret} is in no dialogue"


def test_a_withdrawal_is_seen(outputs) -> None:
    """Whoever takes a complaint back is tagged so."""
    withdrawn = {each.id for each in script.conversations() if each.written.get("withdrawn")}
    tagged = {
        output.value.conversation_id
        for output in outputs
        if isinstance(output.value, Tag) and "withdrawn" in output.value.tags
    }
    assert withdrawn <= tagged


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        pytest.param([], 0.5, 0, id="nothing"),
        pytest.param([7], 0.99, 7, id="one"),
        pytest.param([4, 1, 3, 2], 0.5, 2, id="half of four"),
        pytest.param(list(range(1, 101)), 0.99, 99, id="ninety-nine of a hundred"),
    ],
)
def test_quantile(values, share, expected) -> None:
    """The smallest value that enough others do not exceed."""
    assert quantile(values, share) == expected


def test_recorded_values_are_json_but_one() -> None:
    """People can read the recording."""
    lines = script.RECORDING.read_bytes().splitlines()
    assert sum("value_base64" in orjson.loads(line) for line in lines) == 1

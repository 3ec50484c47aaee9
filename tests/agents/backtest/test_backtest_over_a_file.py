"""`tocsin backtest --events`: two packs over a recording, as an operator runs it."""

import json
from codecs import BOM_UTF8
from dataclasses import replace

import orjson
import pytest
from typer.testing import CliRunner

from agents.backtest.comparison import Plan, compare
from agents.backtest.truth import LabelsError
from agents.cli.exits import Exit
from agents.cli.main import app
from agents.settings import load_settings
from pipeline.times import in_china
from tests.support.alerts import DAY, HOUR_START_MS, MINUTE
from tests.support.backtests import NEW_WORD, history, said, utc
from tests.support.packs import folder_with

NOT_SAID = (
    b'{"topic": "ticks", "timestamp_ms": 1, "partition": 0, "value": {"schema": "tick/1", "now_ms": 9}}\n',
    b'{"topic": "regions.windows", "timestamp_ms": 1, "key": "440000", "value": {}}\n',
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A pack that knows the new word, and a recording with ticks and other topics in it."""
    folder = tmp_path_factory.mktemp("backtest")
    pack = folder_with(folder / "new", NEW_WORD)
    lines = [record.as_line() for record in history()]
    recording = folder / "history.jsonl"
    recording.write_bytes(b"".join((*lines[:2], *NOT_SAID, *lines[2:])))
    return pack, recording


def done_with(files, *options):
    """What the command came to."""
    pack, recording = files
    words = ["backtest", "--pack", str(pack), "--events", str(recording), *map(str, options)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "200"})


def run(files, *options):
    """Exit code and output."""
    done = done_with(files, *options)
    return done.exit_code, done.output


def found(files, *options):
    """The report."""
    done = done_with(files, *options, "--json")
    assert done.exit_code == Exit.OK, done.output
    return json.loads(done.stdout)


def test_added_alerts_come_with_masked_text_by_day_and_region(files):
    """Two conversations on two days; nothing is lost, and no number gets out."""
    report = found(files)
    added = [(each["conversation_id"], each["region"]) for each in report["added"]]
    assert added == [("c2", "440000"), ("c3", "310000")]
    assert report["added"][0]["text"] == f"手机{NEW_WORD}，电话[手机]"
    assert report["removed"] == []
    assert [(row["day"], row["region"], row["added"]) for row in report["days"]] == [
        ("2025-11-21", "440000", 1),
        ("2025-11-22", "310000", 1),
    ]


def test_the_other_way_round_they_are_removed(files, tmp_path):
    """The pack before is the one that knows the word."""
    pack, recording = files
    other = folder_with(tmp_path / "old", "另外一词")
    report = found((other, recording), "--against", pack)
    assert [each["conversation_id"] for each in report["removed"]] == ["c2", "c3"]
    assert report["added"] == []


def test_only_what_happened_in_the_span_counts(files):
    """From the second day on: one conversation."""
    report = found(files, "--from", utc(HOUR_START_MS + DAY), "--to", utc(HOUR_START_MS + DAY + MINUTE))
    assert [each["conversation_id"] for each in report["added"]] == ["c3"]
    assert report["before"]["levels"] == {}


def test_lead_time_and_shares_by_labels(files, tmp_path):
    """c5 was warned of three minutes ahead; the new pack finds one complaint more, and one that is none."""
    labels = tmp_path / "labels.jsonl"
    known = {"c1": "explicit", "c2": "explicit", "c3": "none", "c4": "none", "c5": "high_risk"}
    lines = [json.dumps({"conversation_id": name, "level": level}) for name, level in known.items()]
    labels.write_text("\n".join(lines), "utf-8")
    report = found(files, "--labels", labels)
    before, after = report["before"], report["after"]
    assert (before["quality"]["precision"], before["quality"]["recall"]) == (1.0, 0.6667)
    assert (after["quality"]["precision"], after["quality"]["recall"]) == (0.75, 1.0)
    assert before["lead"] == {"high_risk": 1, "warned_ahead": 1, "median_ms": 3 * MINUTE, "p10_ms": 3 * MINUTE}
    code, told = run(files, "--labels", labels)
    assert code == Exit.OK
    for part in ("precision 75.0%（3/4）", "recall 66.7%（2/3）", "+ △ 明确投诉 440000", " c2 ", "median 180 s"):
        assert part in told
    assert "13800138000" not in told


@pytest.mark.parametrize(
    ("since_ms", "counts"),
    [
        pytest.param(0, (4, 4, 4), id="all of history"),
        pytest.param(HOUR_START_MS + DAY - MINUTE, (1, 1, 1), id="the second day: c3 alone"),
        pytest.param(HOUR_START_MS + DAY, (1, 1, 1), id="from its very moment on"),
        pytest.param(HOUR_START_MS + DAY + 1, None, id="later: nothing is known"),
    ],
)
def test_labels_count_for_conversations_of_the_span(files, tmp_path, since_ms, counts):
    """What was said before, or after, no pack could tell: it is nothing that it missed. Nor is what never was said."""
    labels = tmp_path / "labels.jsonl"
    names = ("c1", "c2", "c3", "c5", "never")
    labels.write_text("".join(f'{{"conversation_id": "{name}", "level": "explicit"}}\n' for name in names), "utf-8")
    plan = Plan(
        pack=str(files[0]),
        since_ms=since_ms,
        until_ms=HOUR_START_MS + 2 * DAY,
        events=str(files[1]),
        labels=str(labels),
    )
    quality = compare(load_settings(), plan, lambda *_: None).report.after.quality
    found = quality and (quality.told, quality.right, quality.complaints)
    assert found == counts


def test_a_conversation_on_both_sides_of_the_first_moment_counts(files, tmp_path):
    """c5 was warned of before, and threatened after: it is told of within the span."""
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"conversation_id": "c5", "level": "high_risk"}\n', "utf-8")
    report = found(files, "--labels", labels, "--from", utc(HOUR_START_MS + 2 * MINUTE))
    assert (report["before"]["quality"]["told"], report["before"]["quality"]["complaints"]) == (1, 1)


def test_labels_may_begin_with_a_byte_order_mark(files, tmp_path):
    """Editors put it there; recordings may have one too."""
    labels = tmp_path / "labels.jsonl"
    labels.write_bytes(BOM_UTF8 + b'{"conversation_id": "c1", "level": "explicit"}\n')
    assert found(files, "--labels", labels)["before"]["quality"]["recall"] == 1.0


def test_a_terminal_shows_what_customers_sent_and_does_not_obey_it(tmp_path):
    """Signs that move the cursor or colour the screen become blanks; the clock is that of China, as the days are."""
    pack = folder_with(tmp_path / "new", NEW_WORD)
    recording = tmp_path / "history.jsonl"
    recording.write_bytes(said(2, f"\x1b]0;mine\x07\x1b[2J{NEW_WORD}\x9b31m", HOUR_START_MS).as_line())
    code, output = run((pack, recording))
    (line,) = (line for line in output.splitlines() if line.startswith("+ △"))
    assert (code, [sign for sign in line if not sign.isprintable()]) == (Exit.OK, [])
    assert f" {in_china(HOUR_START_MS):%m-%d %H:%M} c2 " in line
    assert NEW_WORD in line


@pytest.mark.parametrize(
    ("change", "counts", "code", "told"),
    [
        pytest.param(lambda line: line, (8, 6, 0, 2), Exit.OK, "", id="two are of other topics"),
        pytest.param(
            lambda line: line.replace(b'"chats.messages"', b'"prod.chats.messages"'), (8, 0, 0, 8), Exit.PROBLEMS,
            "nothing was judged: expected topics calls.utterances, chats.messages without a prefix",
            id="topics of another cluster",
        ),
        pytest.param(
            lambda line: line.decode().encode("gbk"), (8, 0, 6, 2), Exit.PROBLEMS, "refused, the first: ", id="GBK"
        ),
        pytest.param(
            lambda line: line.replace(b'"message_id"', b'"msg_id"'), (8, 0, 6, 2), Exit.PROBLEMS,
            "refused, the first: $.message_id: expected text", id="a field is missing",
        ),
        pytest.param(
            lambda line: line.replace(b'"message_id"', b'"msg_id"') if b'"c4"' in line else line, (8, 5, 1, 2),
            Exit.PROBLEMS, "判读 judged 5，拒绝 refused 1", id="of one",
        ),
    ],
)  # fmt: skip
def test_how_much_of_a_recording_was_judged(files, tmp_path, change, counts, code, told):
    """No difference over nothing is none: it is said, and the code is 1."""
    recording = tmp_path / "history.jsonl"
    plain = [replace(each, value=orjson.dumps(orjson.loads(each.value))).as_line() for each in history()]
    recording.write_bytes(b"".join(map(change, (*plain, *NOT_SAID))))
    done = done_with((files[0], recording), "--json")
    records = json.loads(done.stdout)["records"]
    assert tuple(records[name] for name in ("read", "judged", "refused", "passed_over")) == counts
    assert (done.exit_code, told in done.stderr) == (code, True)


def test_the_hour_before_is_not_judged(files):
    """It is read so that conversations under way are known; where nothing follows, nothing was judged."""
    code, output = run(
        files, "--from", utc(HOUR_START_MS + DAY + MINUTE), "--to", utc(HOUR_START_MS + DAY + 2 * MINUTE)
    )
    assert (code, "读到 read 8，判读 judged 0，拒绝 refused 0，略过 passed over 8" in output) == (Exit.PROBLEMS, True)


@pytest.mark.parametrize("times", [("2030-01-01", "2020-01-01"), ("2026-01-01", "2026-01-01"), ("2999-01-01", None)])
def test_a_span_that_ends_before_it_begins_is_refused(files, times):
    """Before anything is read."""
    code, output = run(files, "--from", times[0], *(["--to", times[1]] if times[1] else []))
    assert (code, "--from: expected a moment before that of --to" in output) == (Exit.USAGE, True)


def test_a_folder_that_cannot_be_made_is_told_before_comparing(files, tmp_path):
    """Hours of comparing are not thrown away."""
    (tmp_path / "file").write_text("x")
    done = done_with((files[0], "/none"), "--save", tmp_path / "file" / "kept")
    assert isinstance(done.exception, NotADirectoryError)
    assert run(files, "--save", tmp_path / "new" / "kept")[0] == Exit.OK
    assert len(list((tmp_path / "new" / "kept").glob("*.json"))) == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [('{"conversation_id": "c1"}', "labels.jsonl:2: Object missing required field `level`"), ("{", "labels.jsonl:2: ")],
)
def test_a_wrong_label_is_told_with_its_line(files, tmp_path, line, problem):
    """Before anything is read."""
    labels = tmp_path / "labels.jsonl"
    labels.write_text(f'{{"conversation_id": "c1", "level": "none"}}\n{line}\n', "utf-8")
    done = CliRunner().invoke(app, ["backtest", "--pack", str(files[0]), "--events", "-", "--labels", str(labels)])
    assert isinstance(done.exception, LabelsError)
    assert problem in str(done.exception)


def test_a_wrong_pack_lists_its_problems(files, tmp_path):
    """As `tocsin rules check` does."""
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    (wrong / "own.yaml").write_text("rules: {x: 1}\n", "utf-8")
    done = CliRunner().invoke(app, ["backtest", "--pack", str(wrong), "--events", str(files[1])])
    assert "own.yaml" in str(done.exception)

"""`tocsin tag`, `explain` and `rules check`, run as a script would run them."""

import json
import shutil
import subprocess
import sys

import pytest

from pipeline.rules.load import DEFAULT_PACK


def tocsin(*arguments, stdin=b""):
    """Run the command; bytes in and out, in a locale that knows no Chinese."""
    return subprocess.run(
        [sys.executable, "-c", "from agents.cli.main import main; main()", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin", "PYTHONPATH": "."},
    )


def lines(*values):
    """Values as JSON lines."""
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


def answers(done):
    """What came out."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_text_and_a_dialogue():
    """Order is kept; a dialogue has the level after each turn; agents never raise it."""
    done = tocsin(
        "tag",
        "-",
        stdin=lines(
            {"id": "a", "text": "再不退款我就發小紅書曝光你們"},
            {"id": 2, "text": "好的", "context": "我要投诉"},
            {"id": "c", "text": "您的投诉已登记", "role": "agent"},
            {
                "id": "d",
                "turns": [
                    {"role": "customer", "text": "怎么还没发货"},
                    {"role": "agent", "text": "您可以投诉"},
                    {"role": "customer", "text": "我要投诉"},
                ],
            },
        ),
    )
    assert done.returncode == 0, done.stderr
    found = answers(done)
    assert [answer["id"] for answer in found] == ["a", 2, "c", "d"]
    assert [answer["level"] for answer in found] == ["high_risk", "none", "none", "explicit"]
    assert found[3]["turns"] == ["potential", "potential", "explicit"]
    for answer in found:
        assert {"id", "level", "score", "reasons", "keywords", "evidence"} <= set(answer)
    evidence = found[0]["evidence"][0]
    assert set(evidence) == {"rule", "start", "end", "text"}
    assert "再不退款我就發小紅書曝光你們"[evidence["start"] : evidence["end"]] == evidence["text"]


def test_context_says_what_a_bare_answer_stands_for():
    """The question before it is answered, not judged: a refusal stays one, and the evidence is the answer itself."""
    done = tocsin(
        "tag",
        "-",
        stdin=lines(
            {"id": "yes", "text": "对，就是这个", "context": "您是要投诉吗？"},
            {"id": "no", "text": "不是", "context": "您是要投诉吗？"},
            {"id": "other", "text": "对，就是这个", "context": "您是要退货吗？"},
            {"id": "more", "text": "对！不处理我就找记者", "context": "您是要投诉吗？"},
        ),
    )
    found = {answer["id"]: answer for answer in answers(done)}
    levels = {name: answer["level"] for name, answer in found.items()}
    assert levels == {"yes": "explicit", "no": "none", "other": "none", "more": "high_risk"}
    assert [sign["text"] for sign in found["yes"]["evidence"]] == ["对，就是这个"]


def test_a_bad_line_is_told_and_nothing_else_is_lost():
    """One line out for each line in; the message has the line's number; exit code 1."""
    stdin = lines({"id": 1, "text": "你好"}, {"id": 2}, {"id": 3, "text": "x", "role": "boss"}) + b"\xff\n{\n"
    stdin += b'{"id": 5, "text": "\\ud800\xe6\x8a\x95\xe8\xaf\x89"}'  # half a character, and no last line end
    done = tocsin("tag", "-", stdin=stdin)
    assert done.returncode == 1
    found = answers(done)
    assert [answer.get("error", {}).get("path") for answer in found] == [None, "$.text", "$.role", "$", "$", None]
    assert found[1] == {"id": 2, "line": 2, "error": {"path": "$.text", "expected": "a text"}}
    assert found[-1]["level"] == "explicit"
    assert "第 2 行 line 2" in done.stderr.decode()


@pytest.mark.parametrize("command", [("tag", "-"), ("explain", "--json", "--dialogues", "-")], ids=["tag", "explain"])
def test_a_number_that_nobody_can_write_costs_no_other_line(command):
    """It is refused where it stands, without the number; whether or not the text needs the lenient reader."""
    taken, refused = (2**64 - 1, -(2**63)), (2**64, -(2**63) - 1, 123456789012345678901234567890)
    numbers = [(number, text) for number in (1, *taken, *refused, 2) for text in (b"x", b"\\ud83d")]
    stdin = b"".join(b'{"id": %d, "text": "%b"}\n' % each for each in numbers)
    stdin += b'{"id": 3, "turns": [{"text": "\\ud83d"}, {"role": "agent", "text": "\\ud83d"}]}\n'
    done = tocsin(*command, "--model", "off", stdin=stdin)
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)
    assert done.stderr.count(b"$.id: ") == 2 * len(refused)
    found = answers(done)
    assert [each["id"] for each in found if each["id"]] == [each for each, _ in numbers if each not in refused] + [3]
    bad = [each["error"] for each in found if each["id"] is None]
    expected = {"path": "$.id", "expected": "a text or a whole number of 64 bits"}
    assert bad == [expected] * (2 * len(refused) if command[0] == "tag" else 0)


DIALOGUE = [{"text": "你们的质量太差了"}, {"text": "真让人失望"}, {"role": "agent", "text": "没办法"}]
SAME = {
    "a doubtful word of the agent": ({"turns": DIALOGUE}, "explicit", 65),
    "a bot's": ({"turns": [*DIALOGUE[:2], {"role": "bot", "text": "没办法"}]}, "potential", 59),
    "a bare answer": ({"text": "是的", "context": "您是要投诉吗？"}, "explicit", 66),
    "a denial": ({"text": "不是", "context": "您是要投诉吗？"}, "none", 0),
    "said in full": ({"text": "对！不处理我就找记者", "context": "您是要投诉吗？"}, "high_risk", None),
}


def test_explain_says_what_tag_says():
    """Five lines, two commands; one level and one score of each line, and an alert from explicit on."""
    stdin = lines(*({"id": name, **line} for name, (line, _, _) in SAME.items()))
    tagged = answers(tocsin("tag", "-", "--model", "off", stdin=stdin))
    explained = answers(tocsin("explain", "--model", "off", "--json", "--dialogues", "-", stdin=stdin))
    for tag, course, (_, level, score) in zip(tagged, explained, SAME.values(), strict=True):
        last = course["turns"][-1]
        assert tag["level"] == last["level"] == level
        assert tag["score"] == last["score"]
        assert score in {None, tag["score"]}
        assert bool(last["alerts"]) is (level in {"explicit", "high_risk"})


def test_half_a_character_in_an_answer_costs_no_other_line():
    """A chat tool that cuts an emoji in two, behind a short answer."""
    stdin = b'{"id": 1, "text": "\\u5c0f\\u5f20\\ud83d", "context": "\\u60a8\\u8981\\u6295\\u8bc9\\u54ea\\u4f4d"}\n'
    done = tocsin("tag", "-", stdin=stdin + lines({"id": 2, "text": "我要打12315"}))
    assert (done.returncode, done.stderr) == (0, b"")
    assert [answer["level"] for answer in answers(done)] == ["explicit", "high_risk"]


@pytest.mark.parametrize(("option", "level"), [("none", "none"), ("potential", "potential")])
def test_inquiry_level(option, level):
    """What a bare enquiry counts as; an explanation says the same."""
    told = json.loads(tocsin("explain", "投诉电话是多少", "--json", "--inquiry-level", option).stdout)
    assert told["level"] == level
    done = tocsin("tag", "-", "--inquiry-level", option, stdin=lines({"id": 1, "text": "投诉电话是多少"}))
    assert answers(done)[0]["level"] == level


TWO_TURNS = """
rules:
  asks_twice:
    zh: 先要退款再要换货
    conditions: {a: {any: [退款], in: conversation}, b: {any: [换货]}}
    when: a && b
    then: {level: explicit, score: 70}
"""


def test_a_rule_over_two_turns_is_evidence(tmp_path):
    """Where it was completed."""
    folder = tmp_path / "pack"
    shutil.copytree(DEFAULT_PACK, folder)
    (folder / "mine.yaml").write_text(TWO_TURNS, encoding="utf-8")
    turns = [{"text": "我想退款"}, {"role": "agent", "text": "请讲"}, {"text": "那换货呢"}]
    done = tocsin("tag", "-", "--rules", str(folder), stdin=lines({"id": 1, "turns": turns}))
    (answer,) = answers(done)
    assert answer["turns"][-1] == "explicit"
    assert [(sign["turn"], sign["text"]) for sign in answer["evidence"] if sign["rule"] == "rule.asks_twice"] == [
        (2, "换货")
    ]


def test_wrong_usage():
    """A file that is not there, and a level that is none."""
    assert tocsin("tag", "missing.jsonl").returncode == 2
    assert tocsin("tag", "-", "--inquiry-level", "high").returncode == 2


def test_explain():
    """Marked evidence, the guard, what was dropped; masked, also as JSON."""
    done = tocsin("explain", "我不投诉才怪，一起诉求，电话13812345678")
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode()
    assert "我不【投诉】才怪" in text
    assert "rhetorical_positive" in text
    assert "trap" in text
    assert "13812345678" not in text
    told = json.loads(tocsin("explain", "我要投诉", "--json").stdout)
    assert told["level"] == "explicit"


def test_rules_check(tmp_path):
    """The shipped pack passes; a broken one lists its problems by file and line, exit code 1."""
    done = tocsin("rules", "check")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "pack"
    shutil.copytree(DEFAULT_PACK, folder)
    (folder / "mine.yaml").write_text("cuess: {}\n", encoding="utf-8")
    broken = tocsin("rules", "check", str(folder))
    assert broken.returncode == 1
    assert "mine.yaml:1: cuess: is no known key; did you mean cues?" in broken.stdout.decode()
    as_json = json.loads(tocsin("rules", "check", str(folder), "--json").stdout)
    assert as_json["problems"][0]["line"] == 1


def test_explain_shows_the_advice_card():
    """What an agent would read: by threat and by type of customer; an agent's own text has none."""
    done = tocsin("explain", "我录音了，再不处理我就打12315")
    shown = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert "有备而来 prepared" in shown
    assert "忌 avoid" in shown
    answer = json.loads(tocsin("explain", "--json", "你去投诉吧", "--role", "agent").stdout)
    assert answer["advice"] is None


def test_dialogues_are_explained_turn_by_turn(tmp_path):
    """Each turn with its text masked, its sum and its alerts; a bad line is told with its place and costs no other."""
    file = tmp_path / "dialogues.jsonl"
    turns = [{"role": "customer", "text": "怎么还没发货"}, {"text": "我要投诉，电话13812345678"}]
    file.write_bytes(lines({"id": "bad", "turns": [{"role": "boss", "text": "好"}]}, {"id": "d", "turns": turns}))
    done = tocsin("explain", "--dialogues", str(file))
    assert done.returncode == 1
    assert f"{file}:1: $.turns[0].role: expected" in done.stderr.decode()
    said = done.stdout.decode()
    assert "对话 dialogue d" in said
    assert "13812345678" not in said
    assert "▲" in said
    done = tocsin("explain", "--dialogues", "-", "--json", stdin=lines({"id": "d", "turns": turns}))
    (answer,) = answers(done)
    assert [turn["level"] for turn in answer["turns"]] == ["potential", "explicit"]
    assert tocsin("explain").returncode == 2
    assert tocsin("explain", "我要投诉", "--dialogues", "-").returncode == 2

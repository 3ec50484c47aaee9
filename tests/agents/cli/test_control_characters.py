"""What customers write reaches a terminal as signs only: nothing that moves its cursor or colours it."""

import json

import numpy as np
import pytest

from agents.cli.figures import mistakes_as_lines, report_as_lines
from agents.cli.marked import marked_text
from agents.training.evaluate import report_of
from agents.training.judged import Judged
from agents.training.labels import Example
from pipeline.explain import explain
from pipeline.rules.load import load_pack
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role
from tests.support.commands import tocsin

ESCAPE = "\x1b[2J\x07\x9b31m"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_marked_text_has_no_control_characters(is_terminal):
    """The marks stand where they stood."""
    explanation = explain(Tagger(load_pack()), f"{ESCAPE}好\n我要投诉{ESCAPE}", Role.CUSTOMER)
    assert explanation.marks
    text = marked_text(explanation, is_terminal=is_terminal)
    assert text.plain.isprintable()
    assert "投诉" in text.plain
    for (start, end), span in zip(explanation.marks, text.spans, strict=True):
        assert explanation.text[start:end] in text.plain[span.start : span.end]


def test_mistakes_and_parts_have_no_control_characters():
    """Neither ids nor sources nor texts bring any."""
    example = Example(f"a{ESCAPE}", f"好{ESCAPE}\r\n好", Role.CUSTOMER, Level.NONE, (), f"s{ESCAPE}", "", "a")
    ranks = np.array([0])
    judged = Judged([example], ranks, ranks + 1, ranks, [frozenset()], [frozenset()], np.zeros((3, 1)))
    lines = mistakes_as_lines(judged, 1, show_text=True) + report_as_lines(f"source {ESCAPE}", report_of(judged))
    assert all(line.isprintable() for line in lines)


def test_an_explained_dialogue_has_no_control_characters(tmp_path):
    """Its id, and every turn."""
    file = tmp_path / "dialogues.jsonl"
    turns = [{"role": "customer", "text": f"我要投诉{ESCAPE}"}, {"role": "customer", "text": f"{ESCAPE}怎么还没发货"}]
    file.write_text(json.dumps({"id": f"d{ESCAPE}", "turns": turns}), encoding="utf-8")
    done = tocsin("explain", "--dialogues", str(file))
    assert done.returncode == 0, done.stderr
    assert all(line.isprintable() for line in done.stdout.splitlines())


def test_an_explained_text_has_no_control_characters():
    """Evidence, what was dropped, and what the model leans on, are slices of the text."""
    done = tocsin("explain", f"这个投\x1b诉你们处理一下{ESCAPE}，不是要投\x07诉，等了\x1b三天还没人管")
    assert done.returncode == 0, done.stderr
    assert all(line.isprintable() for line in done.stdout.splitlines())

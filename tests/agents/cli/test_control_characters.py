"""What customers write reaches a terminal as signs only: nothing that moves its cursor or colours it."""

import io
import json
import sys
from datetime import UTC

import numpy as np
import pytest
from msgspec import structs
from rich.console import Console

from agents.cli.account import show_account
from agents.cli.cards import CARDS
from agents.cli.figures import mistakes_as_lines, report_as_lines
from agents.cli.marked import marked_text
from agents.cli.show import plainly
from agents.training.evaluate import report_of
from agents.training.judged import Judged
from agents.training.labels import Example
from pipeline.explain import explain
from pipeline.rules.load import load_pack
from pipeline.sla.account import Written, account
from pipeline.tagging import Tagger
from schemas.commands import Command, CommandKind
from schemas.deadletters import DeadLetter
from schemas.desks import HotTickets, HotTopic
from schemas.evidence import Evidence
from schemas.vocabulary import AlertKind, Category, Level, Role
from tests.support.commands import tocsin
from tests.support.tickets import pack_of, ticket_event
from tests.support.turns import NOON_MS, alert, hint, tag

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


QUOTE = f"{ESCAPE}好\n我要投诉{ESCAPE}\r你们"
SHOWN = Evidence(
    rule="cue.explicit.complain",
    version="r1",
    utterance_id="u1",
    char_start=0,
    char_end=2,
    text_masked=QUOTE,
    mark_start=QUOTE.index("投诉"),
    mark_end=QUOTE.index("投诉") + 2,
)


@pytest.mark.parametrize("said", [f"x{ESCAPE}\n", "CRM[/closed]", "li[qa]", "[red]", "a\\"])
def test_an_account_shows_what_ticket_systems_wrote(said):
    """Signs that move a cursor are blanks, and brackets are no markup: each name stands there as it was written."""
    event = ticket_event(NOON_MS, "created", status="new", ticket_id=f"T{said}", event_id=f"e{said}", actor_id=said)
    reckoned = account([Written(event, NOON_MS)], pack_of(), until_ms=NOON_MS)
    ledger = tuple(structs.replace(entry, why=f"y{said}") for entry in reckoned.clocks.ledger_tail)
    clocks = structs.replace(reckoned.clocks, findings=(said,), ledger_tail=ledger)
    written = io.StringIO()
    show_account(Console(file=written, width=400), reckoned._replace(clocks=clocks), zone=UTC)
    lines = written.getvalue().split("\n")
    assert all(line.isprintable() for line in lines)
    for shown in (f"T{said}", f"{said} e{said}", f"y{said}", f"finding  {said}"):
        assert any(plainly(shown).strip() in line for line in lines)


FOREIGN = f"x{ESCAPE}\n"
TICKET = {"command_id": "c", "ticket_id": FOREIGN, "cause_alert_id": "a", "expires_at": NOON_MS}
HOT = HotTopic(topic=FOREIGN, tickets=12, customers=11, usual_share=0.05, rise=5.88, score=15, is_new=True)
CARDS_OF_STRANGERS = [
    pytest.param(alert(conversation_id=FOREIGN, evidence=(SHOWN,)).value, id="an alert"),
    pytest.param(alert(reasons=(), keywords=(FOREIGN,), ticket_id=FOREIGN).value, id="keywords"),
    pytest.param(
        alert(kind=AlertKind.HOUSE_RULE, reasons=(), finding=FOREIGN, ticket_id=FOREIGN).value, id="a broken rule"
    ),
    pytest.param(tag(conversation_id=FOREIGN, tags=(FOREIGN,), evidence=(SHOWN,)).value, id="a tag"),
    pytest.param(
        structs.replace(hint().value, agent_id=FOREIGN, customer_type=FOREIGN, advice=FOREIGN, avoid=FOREIGN),
        id="a hint",
    ),
    pytest.param(
        DeadLetter(
            topic=FOREIGN,
            partition=0,
            offset=1,
            reason=Category.SCHEMA,
            error=FOREIGN,
            at=NOON_MS,
            bytes_b64=None,
            size_bytes=1,
            path=f"$.{FOREIGN}",
        ),
        id="a dead letter",
    ),
    pytest.param(
        HotTickets(desk=FOREIGN, window_start=NOON_MS, window_s=3600, tickets=4, topics=(HOT,)), id="hot tickets"
    ),
    pytest.param(Command(**TICKET, command=CommandKind.ASSIGN, group_id=FOREIGN), id="a group"),
    pytest.param(Command(**TICKET, command=CommandKind.NOTIFY_CUSTOMER, params={"text": FOREIGN}), id="words"),
]


@pytest.mark.parametrize("value", CARDS_OF_STRANGERS)
@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_card_has_no_control_characters(monkeypatch, value, is_terminal):
    """What `tocsin tail` prints as it comes: quotes, ids, what others named."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    lines = CARDS[type(value)](value).plain.split("\n")
    assert all(line.isprintable() for line in lines)
    assert len(lines) <= 2


@pytest.mark.parametrize("value", [tag(evidence=(SHOWN,)).value, alert(evidence=(SHOWN,)).value])
def test_the_mark_of_a_card_stands_where_it_stood(monkeypatch, value):
    """However much before it could not be shown."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert "【投诉】" in CARDS[type(value)](value).plain

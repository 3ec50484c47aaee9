"""`tocsin sla check` and `tocsin sla explain`, from a file of records."""

import json

import pytest
from typer.testing import CliRunner

from agents.cli.main import app
from agents.recording.records import Recorded
from pipeline.sla.holidays import KNOWN_UNTIL
from schemas import codec
from tests.support.tickets import MINUTE, STANDARD, at, comment_event, ticket_event

MONDAY = at("2026-03-02 09:00")


@pytest.fixture
def files(tmp_path):
    """Policies, and the events of two tickets: one is sent twice, one is no event."""
    (tmp_path / "sla.yaml").write_text(STANDARD, encoding="utf-8")
    events = [
        ticket_event(MONDAY, "created", status="new"),
        ticket_event(MONDAY + 50 * MINUTE, "status_changed", status="pending", actor_id="A1"),
        ticket_event(MONDAY + 50 * MINUTE, "status_changed", status="pending", actor_id="A1"),
        ticket_event(MONDAY, "created", status="new", ticket_id="T2"),
        ticket_event(MONDAY + 70 * MINUTE, "status_changed", status="open"),
        comment_event(MONDAY + 150 * MINUTE, "agent"),
    ]
    lines = [
        Recorded("tickets.events", event.occurred_at, event.ticket_id.encode(), codec.encode(event)).as_line()
        for event in events
    ]
    lines.insert(2, Recorded("tickets.events", MONDAY, b"T1", b"{}").as_line())
    (tmp_path / "events.jsonl").write_bytes(b"".join(lines))
    return tmp_path


def explain(files, *arguments):
    """Run the command on the files."""
    told = ["sla", "explain", *arguments, "--events", str(files / "events.jsonl"), "--sla", str(files / "sla.yaml")]
    return CliRunner().invoke(app, [*told, "--until", "2026-03-02T04:00:00"])


def test_the_account_of_a_ticket(files):
    """Every line with its cause and what was used; warnings at their instants; the ticket beside it does not count."""
    done = explain(files, "T1", "--json")
    clocks = json.loads(done.output)
    first = next(each for each in clocks["clocks"] if each["clock"] == "first_response")
    assert (first["state"], first["elapsed_ms"], first["paused_ms"]) == ("missed", 130 * MINUTE, 20 * MINUTE)
    assert first["breached_at"] == MONDAY + 140 * MINUTE
    lines = [(e["kind"], e["why"], e["at"]) for e in clocks["ledger_tail"] if e["clock"] == "first_response"]
    assert lines == [
        ("start", "created", MONDAY),
        ("pause", "status:pending", MONDAY + 50 * MINUTE),
        ("resume", "status:open", MONDAY + 70 * MINUTE),
        ("warn", "0.5", MONDAY + 80 * MINUTE),
        ("warn", "0.75", MONDAY + 110 * MINUTE),
        ("warn", "0.9", MONDAY + 128 * MINUTE),
        ("breach", "1", MONDAY + 140 * MINUTE),
        ("stop", "answer", MONDAY + 150 * MINUTE),
    ]


def test_the_account_for_people(files):
    """In Chinese first, in the zone of the calendar."""
    done = explain(files, "T1")
    assert done.exit_code == 0
    assert "首次响应" in done.output
    assert "2026-03-02 11:20:00" in done.output
    assert "重复 repeated 1" in done.output


def test_a_ticket_that_nobody_knows(files):
    """Code 1, and it says so."""
    assert explain(files, "T3").exit_code == 1


def test_check_names_every_problem(files):
    """Code 1 with file and line; a clean one says until when its holidays are known."""
    good = CliRunner().invoke(app, ["sla", "check", str(files / "sla.yaml"), "--json"])
    assert json.loads(good.output)["calendars_known_until"] == {"office": str(KNOWN_UNTIL)}
    (files / "sla.yaml").write_text(STANDARD.replace("holidays: china", "holidays: mars"), encoding="utf-8")
    bad = CliRunner().invoke(app, ["sla", "check", str(files / "sla.yaml")])
    assert bad.exit_code == 1
    assert "sla.yaml:6: calendars.office.holidays: is mars; write one of china, none" in bad.output

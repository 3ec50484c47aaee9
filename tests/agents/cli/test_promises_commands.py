"""`tocsin promises explain`, from a file of records."""

import json

import pytest
from typer.testing import CliRunner

from agents.cli.main import app
from agents.cli.promises import REASONS
from agents.recording.records import Recorded
from pipeline.promises.ledger import REPLACED, TAKEN_BACK
from schemas import codec
from schemas.promises import (
    DeedCause,
    MadePromise,
    PromiseDeed,
    PromiseKind,
    PromisesMade,
    PromiseTo,
    Until,
    When,
)
from schemas.vocabulary import ChannelClass
from tests.support.tickets import MINUTE, at

MONDAY = at("2026-03-02 09:00")
CALLBACK = "promise:c1:u1:callback"
TO = PromiseTo(conversation_id="c1", channel=ChannelClass.VOICE, customer_key="k1", agent_id="a1")
HOME = "customer:k1"


@pytest.fixture
def events(tmp_path):
    """A promise of two hours, another customer's, one that no worker would take, and a call that came too late."""
    made = MadePromise(
        kind=PromiseKind.CALLBACK, when=When(measure=Until.MINUTES, count=120), quote="两小时内给您回电话",
        mark_start=0, mark_end=4,
    )  # fmt: skip
    said = PromisesMade(
        home=HOME, utterance_id="u1", revision=0, to=TO, made=(made,), occurred_at=MONDAY, emitted_at=MONDAY
    )
    other = PromisesMade(
        home="customer:k2", utterance_id="u9", revision=0, to=TO, made=(made,), occurred_at=MONDAY, emitted_at=MONDAY
    )
    late_ms = MONDAY + 150 * MINUTE
    called = PromiseDeed(
        home=HOME, deed_id="d1", cause=DeedCause.OUTREACH, kinds=(PromiseKind.CALLBACK,), occurred_at=late_ms,
        emitted_at=late_ms,
    )  # fmt: skip
    lines = [
        Recorded("promises.events", each.emitted_at, each.home.encode(), codec.encode(each)).as_line()
        for each in (said, other, called)
    ]
    lines.insert(1, Recorded("promises.events", MONDAY, HOME.encode(), b"{}").as_line())
    path = tmp_path / "promises.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def explain(events, *arguments):
    """Run the command on the file."""
    return CliRunner().invoke(app, ["promises", "explain", *arguments, "--events", str(events)])


def test_the_account_of_a_promise(events):
    """Each change at its instant, with what brought it: warned twice, broken, done after all."""
    done = explain(events, CALLBACK, "--until", "2026-03-02T08:00:00", "--json")
    assert done.exit_code == 0, done.output
    steps = [json.loads(line) for line in done.output.splitlines()]
    assert [(step["at_ms"] - MONDAY, step["told"], step["promise"]["state"]) for step in steps] == [
        (0, "", "open"),
        (90 * MINUTE, "0.75", "open"),
        (108 * MINUTE, "0.9", "open"),
        (120 * MINUTE, "broken", "broken"),
        (150 * MINUTE, "", "broken"),
    ]
    assert steps[-1]["event_id"] == f"deed:{HOME}:d1"
    assert steps[-1]["promise"]["done_at"] == MONDAY + 150 * MINUTE


def test_a_page_for_people(events):
    """The words with what was promised marked, the warnings, and why; Chinese first."""
    page = explain(events, CALLBACK, "--until", "2026-03-02T08:00:00").output
    assert "【两小时内】给您回电话" in page
    assert "提醒 warned at 0.75" in page
    assert "2026-03-02 11:00:00" in page
    assert "逾期补办 done too late" in page
    assert "已回电 we called" in page


def test_the_account_ends_where_it_was_told_to(events):
    """An hour after its words nobody has been told anything yet."""
    done = explain(events, CALLBACK, "--until", "2026-03-02T02:00:00", "--json")
    assert len(done.output.splitlines()) == 1


def test_an_unknown_promise_is_said_to_be_unknown(events):
    """Code 1, as for a ticket that nobody knows."""
    done = explain(events, "promise:c1:u1:gift")
    assert done.exit_code == 1
    assert "nothing is known" in done.output


def test_every_reason_has_words():
    """Whatever ends a promise can be told to people."""
    assert set(REASONS) == {*DeedCause, TAKEN_BACK, REPLACED}

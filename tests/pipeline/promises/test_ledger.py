"""The ledger of promises as a stage: whatever comes, each change is told once, and the account says the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from agents.engine.transactions import partition_of
from agents.stages.promises import promises_stage
from pipeline.promises.account import account, homes_of
from pipeline.promises.ledger import enter_deed, enter_made
from pipeline.rows import encode_row
from pipeline.runner import Incoming, Runner
from pipeline.sla.policy import PromisePolicy
from schemas import codec
from schemas.codec import Record
from schemas.promises import (
    DeedCause,
    MadePromise,
    Promise,
    PromiseDeed,
    PromiseKind,
    PromisesMade,
    PromiseState,
    PromiseTo,
    Until,
    When,
)
from schemas.ticks import Tick
from schemas.topics import PROMISE_EVENTS, TICKS
from schemas.vocabulary import ChannelClass
from tests.support.tickets import MINUTE, at

MONDAY = at("2026-03-02 09:00")
HOME = "customer:k1"
POLICY = PromisePolicy()
STAGE = promises_stage(POLICY)
WHENS = [
    When(measure=Until.MINUTES, count=30),
    When(measure=Until.MINUTES, count=90),
    When(measure=Until.WORKING_MINUTES, count=60),
    When(measure=Until.VAGUE),
]


def made(minute: int, utterance: int = 0, *whens: When, kind: PromiseKind = PromiseKind.CALLBACK) -> PromisesMade:
    """What a text promises; none where an edited one no longer does."""
    said_at = MONDAY + minute * MINUTE
    to = PromiseTo(conversation_id="c1", channel=ChannelClass.VOICE, customer_key="k1", agent_id="a1")
    promises = tuple(MadePromise(kind=kind, when=when) for when in whens[:1])
    return PromisesMade(
        home=HOME, utterance_id=f"u{utterance}", revision=minute, to=to, made=promises, occurred_at=said_at,
        emitted_at=said_at,
    )  # fmt: skip


def deed(minute: int, cause: DeedCause, done: int = 0, kind: PromiseKind = PromiseKind.CALLBACK) -> PromiseDeed:
    """Something that was done so many minutes before it was heard of."""
    heard_at = MONDAY + minute * MINUTE
    return PromiseDeed(
        home=HOME, deed_id=f"d{minute}", cause=cause, kinds=(kind,), occurred_at=heard_at - done * MINUTE,
        emitted_at=heard_at,
    )  # fmt: skip


MINUTES = st.integers(0, 240)
KINDS = st.sampled_from([PromiseKind.CALLBACK, PromiseKind.REFUND])
EVENTS = st.lists(
    st.one_of(
        st.builds(made, MINUTES, st.integers(0, 2), st.sampled_from(WHENS), kind=KINDS),
        st.builds(made, MINUTES, st.integers(0, 2)),
        st.builds(deed, MINUTES, st.sampled_from(DeedCause), st.integers(0, 90), kind=KINDS),
    ),
    min_size=1,
    max_size=8,
).map(lambda events: sorted(events, key=lambda event: event.emitted_at))


def told(events: list[PromisesMade | PromiseDeed], *, most: int = 1_000) -> tuple[list[Promise], list[bytes]]:
    """Every record of a promise that the stage publishes over eight hours with a tick a minute, and its rows."""
    runner = Runner([STAGE], partition_of=lambda key: partition_of(key, 1))
    incoming = []
    waiting = list(events)
    for minute in range(-3, 8 * 60):
        now_ms = MONDAY + minute * MINUTE
        incoming.append(Incoming(TICKS, 0, Record(0, now_ms, b"0", codec.encode(Tick(now_ms=now_ms, reason="timer")))))
        while waiting and waiting[0].emitted_at <= now_ms:
            event = waiting.pop(0)
            incoming.append(Incoming(PROMISE_EVENTS, 0, Record(0, now_ms, HOME.encode(), codec.encode(event))))
    values = [output.value for output in runner.feed(incoming, most=most)]
    rows = [encode_row(row) for row in runner.rows(STAGE).values()]
    return [value for value in values if isinstance(value, Promise)], rows


@settings(max_examples=25, deadline=None)
@given(events=EVENTS, most=st.integers(1, 9))
def test_where_batches_end_makes_no_difference(events, most):
    """The same records in the same order, and the same book."""
    assert told(events, most=most) == told(events)


@settings(max_examples=25, deadline=None)
@given(events=EVENTS)
def test_an_event_that_comes_again_changes_nothing(events):
    """The log may hold it twice."""
    twice = [each for event in events for each in (event, event)]
    assert told(twice) == told(events)


@settings(max_examples=25, deadline=None)
@given(events=EVENTS)
def test_the_account_of_a_promise_is_what_was_published(events):
    """Change for change, version for version; and nobody else's promise is in it."""
    published, _ = told(events)
    until_ms = MONDAY + 8 * 60 * MINUTE - MINUTE
    for promise_id in {promise.promise_id for promise in published}:
        steps = account(events, promise_id, POLICY, until_ms=until_ms)
        assert homes_of(events, promise_id) == {HOME}
        expected = [promise for promise in published if promise.promise_id == promise_id]
        assert [step.promise for step in steps] == [replace(promise, emitted_at=0) for promise in expected]
        assert [promise.version for promise in expected] == list(range(1, len(expected) + 1))
        assert all(step.at_ms <= promise.emitted_at for step, promise in zip(steps, expected, strict=True))


@pytest.mark.parametrize(
    ("done_ms", "state"),
    [
        pytest.param(30 * MINUTE - 1, PromiseState.KEPT, id="in time"),
        pytest.param(30 * MINUTE, PromiseState.KEPT, id="at the last moment"),
        pytest.param(30 * MINUTE + 1, PromiseState.BROKEN, id="too late"),
        pytest.param(0, PromiseState.OPEN, id="at the moment of the words: that is no deed"),
    ],
)
def test_a_deed_counts_by_its_own_moment(done_ms, state):
    """Half an hour was promised; nobody ticked in between."""
    half_an_hour = made(0, 0, When(measure=Until.MINUTES, count=30))
    done = replace(deed(0, DeedCause.OUTREACH), occurred_at=MONDAY + done_ms, emitted_at=MONDAY + done_ms)
    book = enter_made(None, half_an_hour, POLICY).book
    (promise,) = enter_deed(book, done, POLICY).book.promises
    assert promise.state is state


@pytest.mark.parametrize(
    ("promised", "done", "state"),
    [
        pytest.param({}, {}, PromiseState.KEPT, id="about nothing in particular"),
        pytest.param({}, {"conversation_id": "c1"}, PromiseState.KEPT, id="about the same conversation"),
        pytest.param({}, {"conversation_id": "c2"}, PromiseState.OPEN, id="about another conversation"),
        pytest.param({"order_id": "o1"}, {"order_id": "o1"}, PromiseState.KEPT, id="about the same order"),
        pytest.param({"order_id": "o1"}, {"order_id": "o2"}, PromiseState.OPEN, id="about another order"),
        pytest.param({"order_id": "o1"}, {}, PromiseState.KEPT, id="the deed names no order"),
        pytest.param({}, {"order_id": "o2"}, PromiseState.KEPT, id="the promise names no order"),
    ],
)
@pytest.mark.parametrize("is_deed_first", [False, True], ids=["promise first", "deed first"])
def test_a_deed_about_something_else_keeps_nothing(promised, done, state, is_deed_first):
    """Another conversation, or another order; whichever of the two is heard of first."""
    said = made(0, 0, When(measure=Until.MINUTES, count=30))
    said = replace(said, to=replace(said.to, **promised))
    did = replace(deed(10, DeedCause.AGENT_SAID), **done)
    if is_deed_first:
        book = enter_made(enter_deed(None, did, POLICY).book, said, POLICY).book
    else:
        book = enter_deed(enter_made(None, said, POLICY).book, did, POLICY).book
    (promise,) = book.promises
    assert promise.state is state

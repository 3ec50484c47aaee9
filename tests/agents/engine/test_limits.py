"""Too large a share of refusals holds the worker; a few bad records never do."""

import pytest

from agents.engine.limits import DeadLetterLimit
from schemas.codec import Refusal
from schemas.vocabulary import Category


def refusals(count: int, topic: str = "calls.utterances") -> list[Refusal]:
    """So many refused records."""
    return [
        Refusal(
            topic=topic, partition=0, offset=offset, category=Category.DECODE, path="$", expected="JSON",
            timestamp=0, key=None, value=b"",
        )
        for offset in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "refused", "topic"),
    [
        pytest.param(99, 99, None, id="everything, but too few to judge"),
        pytest.param(100, 50, None, id="exactly the share"),
        pytest.param(100, 51, "calls.utterances", id="one above the share"),
        pytest.param(100, 0, None, id="nothing"),
    ],
)
def test_share_of_a_window(seen: int, refused: int, topic: str | None) -> None:
    """Both sides of the share and of the smallest window."""
    limit = DeadLetterLimit(0.5, window_records=100)
    assert limit.allows({"calls.utterances": seen}, refusals(refused), stage="conversations") is (topic is None)
    assert (limit.excess.topic if limit.excess else None) == topic


def test_windows_begin_anew() -> None:
    """A good morning does not pay for a bad noon."""
    limit = DeadLetterLimit(0.5, window_records=100)
    assert limit.allows({"calls.utterances": 10_000}, [], stage="conversations")
    assert not limit.allows({"calls.utterances": 100}, refusals(80), stage="conversations")


def test_topics_are_judged_apart() -> None:
    """Good calls do not hide bad chats."""
    limit = DeadLetterLimit(0.5, window_records=100)
    counts = {"calls.utterances": 1_000, "chats.messages": 100}
    assert not limit.allows(counts, refusals(90, "chats.messages"), stage="conversations")
    assert str(limit.excess) == (
        "chats.messages: 90 of 100 records refused, such as chats.messages[0]@0 refused: $: expected JSON"
    )


@pytest.mark.parametrize("others", [("measures",), ("measures", "links", "kpis")], ids=["one beside", "three beside"])
def test_stages_are_judged_apart(others: tuple[str, ...]) -> None:
    """One that fails on every ticket is not outvoted by those that read the same ones without a word."""
    limit = DeadLetterLimit(0.5, window_records=100)
    held = []
    for _ in range(2):
        for stage in ("tickets", *others):
            failed = refusals(50, "tickets.events") if stage == "tickets" else []
            held.append(not limit.allows({"tickets.events": 50}, failed, stage=stage))
    assert held == [False] * (1 + len(others)) + [True] * (1 + len(others))
    assert limit.excess is not None
    assert (limit.excess.refused, limit.excess.seen) == (100, 100)


def test_whoever_holds_goes_on_holding() -> None:
    """Good records after the bad ones do not let it go on: it has not read what it was held at."""
    limit = DeadLetterLimit(0.5, window_records=100)
    assert not limit.allows({"calls.utterances": 100}, refusals(80), stage="conversations")
    assert not limit.allows({"calls.utterances": 10_000}, [], stage="conversations")
    assert limit.is_passed

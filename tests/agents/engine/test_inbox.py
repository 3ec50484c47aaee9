"""What waits for a turn: in order, bounded, once, and with nothing missing."""

import pytest

from agents.engine.batches import Fetched
from agents.engine.inbox import Inbox, LostBatch
from schemas.codec import Record


def batch(number: int, *offsets: int, topic: str = "calls.utterances", value: bytes | None = b"v") -> Fetched:
    """A batch with records at these offsets."""
    return Fetched(topic, 0, 1, number, [Record(offset, 0, b"k", value) for offset in offsets])


def empty_inbox(bound: int = 10, *, bound_bytes: int = 1_000) -> Inbox:
    """Nothing has come yet."""
    return Inbox(bound, bound_bytes=bound_bytes)


def offsets(inbox: Inbox, most: int = 100, *, most_bytes: int = 1_000) -> list[int]:
    """What a turn takes, as offsets."""
    return [record.offset for records in inbox.take(most, most_bytes=most_bytes).values() for record in records]


async def test_batches_are_taken_together_and_in_order() -> None:
    """All that waits is one turn."""
    inbox = empty_inbox()
    inbox.put(batch(0, 1, 2))
    inbox.put(batch(1, 3))
    assert offsets(inbox) == [1, 2, 3]
    assert offsets(inbox) == []


async def test_records_that_were_queued_before_are_left_out() -> None:
    """A seek back to the committed position delivers again what waits here already."""
    inbox = empty_inbox()
    inbox.put(batch(0, 1, 2, 3))
    inbox.put(batch(1, 2, 3, 4))
    assert offsets(inbox) == [1, 2, 3, 4]


async def test_a_batch_that_never_arrived_is_noticed() -> None:
    """A number is missing: its records would be skipped for good."""
    inbox = empty_inbox()
    inbox.put(batch(0, 1))
    with pytest.raises(LostBatch, match=r"calls\.utterances\[0\]: batch 1 never arrived"):
        inbox.put(batch(2, 3))


async def test_an_announced_batch_is_missing_until_it_arrives() -> None:
    """The watchdog asks whether something is on its way."""
    inbox = empty_inbox()
    number = inbox.announce("calls.utterances")
    assert inbox.missing()
    inbox.put(batch(number, 1))
    assert not inbox.missing()


async def test_a_full_topic_has_no_room_until_a_turn_was_taken() -> None:
    """Back-pressure is by topic: a flood of calls holds back no chats."""
    inbox = empty_inbox(2)
    inbox.put(batch(0, 1, 2))
    assert not inbox.has_room("calls.utterances")
    assert inbox.has_room("chats.messages")
    inbox.take(1, most_bytes=1_000)
    assert inbox.has_room("calls.utterances")


async def test_large_records_make_small_turns() -> None:
    """What takes long to read is not read at once; one record is taken however large it is, and one without a value."""
    inbox = empty_inbox()
    inbox.put(batch(0, 1, 2, 3, 4, value=b"x" * 40))
    inbox.put(batch(1, 5, value=None))
    assert offsets(inbox, most_bytes=80) == [1, 2]
    assert offsets(inbox, most_bytes=30) == [3]
    await inbox.wait()
    assert offsets(inbox, most_bytes=40) == [4, 5]


async def test_large_records_leave_no_room_until_they_were_taken() -> None:
    """What waits is bounded in bytes too, again after a rebalance."""
    inbox = empty_inbox(bound_bytes=100)
    inbox.put(batch(0, 1, 2, value=b"x" * 50))
    assert not inbox.has_room("calls.utterances")
    assert inbox.holds(10, many_bytes=100)
    assert not inbox.holds(10, many_bytes=101)
    offsets(inbox, most=1)
    assert inbox.has_room("calls.utterances")
    inbox.put(batch(1, 3, value=b"x" * 50))
    assert not inbox.has_room("calls.utterances")
    inbox.clear()
    assert inbox.has_room("calls.utterances")


async def test_what_a_turn_leaves_wakes_the_next_one() -> None:
    """A turn takes at most so many; the rest must not wait for new records to arrive."""
    inbox = empty_inbox()
    inbox.put(batch(0, 1, 2, 3))
    assert offsets(inbox, most=2) == [1, 2]
    await inbox.wait()
    assert offsets(inbox, most=2) == [3]


async def test_clearing_starts_from_the_committed_position_again() -> None:
    """After a rebalance the same offsets come again, numbered from zero."""
    inbox = empty_inbox()
    inbox.put(batch(0, 1, 2))
    inbox.clear()
    inbox.put(batch(0, 1))
    assert offsets(inbox) == [1]

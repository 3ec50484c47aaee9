"""A raised target: what was told of the former one, and lies ahead once more, is told again when it comes."""

import msgspec
import pytest

from pipeline.rows import encode_row
from pipeline.sla.ticket import Ticket, take, tick
from tests.support.tickets import MINUTE, STANDARD, at, facts_of, pack_of, taken, ticket_event

PACK = pack_of()
LOOSER = pack_of(STANDARD.replace("normal: 120", "normal: 180"))
MONDAY = at("2026-03-02 09:00")


def ticked(ticket, pack, first, last):
    """The ticket after a tick a minute, and what was told of the first response: the minute, of what, about when."""
    told = []
    for minute in range(first, last):
        step = tick(ticket, pack, now_ms=MONDAY + minute * MINUTE)
        ticket = step.ticket
        told += [
            (minute, each.key, (each.at_ms - MONDAY) // MINUTE)
            for each in step.notices
            if each.clock.id == "first_response"
        ]
    return ticket, told


def created(priority="normal"):
    """A ticket of nine o'clock."""
    return taken([ticket_event(MONDAY, "created", status="new", priority=priority)], PACK).ticket


def changed(ticket, minute, priority, pack=PACK):
    """The ticket after its priority was changed, so many minutes after nine."""
    (fact,) = facts_of([ticket_event(MONDAY + minute * MINUTE, "priority_changed", status="new", priority=priority)])
    return take(ticket, fact, pack).ticket


def test_a_looser_policy_is_warned_of_by_itself():
    """Late after two hours, by the new version only after three: that is a breach, and people hear of it."""
    ticket, told = ticked(created(), PACK, 1, 130)
    assert told == [(60, "0.5", 60), (90, "0.75", 90), (108, "0.9", 108), (120, "1", 120)]
    _, told = ticked(ticket, LOOSER, 130, 331)
    # lunch is between twelve and one
    assert told == [(135, "0.75", 135), (162, "0.9", 162), (180, "1", 180), (330, "1.5", 330)]


def test_a_lower_priority_is_warned_of_by_itself():
    """An hour becomes four: nine tenths of an hour have passed, and nothing of four hours yet."""
    ticket, told = ticked(created("high"), PACK, 1, 58)
    assert [each[1] for each in told] == ["0.5", "0.75", "0.9"]
    _, told = ticked(changed(ticket, 58, "low"), PACK, 58, 301)
    assert [each[:2] for each in told] == [(120, "0.5"), (180, "0.75"), (276, "0.9"), (300, "1")]


def test_what_lies_behind_is_not_told_again():
    """Ninety minutes are half of three hours: the board has seen that."""
    ticket, _ = ticked(created(), PACK, 1, 95)
    _, told = ticked(ticket, LOOSER, 95, 140)
    assert told == [(135, "0.75", 135)]


def test_what_was_late_stays_late_and_was_told():
    """A lower priority afterwards mends nothing, and nobody hears of the same breach twice."""
    ticket, told = ticked(created("high"), PACK, 1, 65)
    assert told[-1] == (60, "1", 60)
    _, told = ticked(changed(ticket, 65, "low"), PACK, 65, 400)
    assert told == []


@pytest.mark.parametrize("lowered", [58, 59])
def test_a_change_that_is_read_after_a_warning_counts_as_well(lowered):
    """The tick was faster than the event: what it told was of a target that no longer held."""
    ticket, told = ticked(created("high"), PACK, 1, 62)
    assert told[-1] == (60, "1", 60)
    _, told = ticked(changed(ticket, lowered, "low"), PACK, 62, 301)
    assert [each[:2] for each in told] == [(120, "0.5"), (180, "0.75"), (276, "0.9"), (300, "1")]


def test_there_and_back_again_tells_nobody_the_same_twice():
    """Lowered and raised again before the breach that was told: it is that breach."""
    ticket, _ = ticked(created("high"), PACK, 1, 62)
    ticket = changed(changed(ticket, 50, "low"), 55, "high")
    _, told = ticked(ticket, PACK, 62, 66)
    assert told == []
    assert ticket.taken_back


def test_a_row_of_old_has_taken_nothing_back():
    """It is read as it is."""
    encoded = encode_row(created())
    assert b"taken_back" not in encoded
    assert msgspec.json.decode(encoded, type=Ticket).taken_back == {}

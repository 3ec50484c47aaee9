"""Signs that a clock was stopped to look good: each by itself, on both sides of its border, and what is honest."""

import pytest

from pipeline.sla.ticket import tick
from tests.support.tickets import HOUR, MINUTE, at, comment_event, pack_of, taken, ticket_event

PACK = pack_of()
MONDAY = at("2026-03-02 09:00")
DUE = 120 * MINUTE  # of a first response


def created():
    """The beginning of a ticket."""
    return ticket_event(MONDAY, "created", status="new")


def changed(after_ms, status):
    """A change of status, so long after the beginning."""
    return ticket_event(MONDAY + after_ms, "status_changed", status=status)


def ticked(ticket, moment):
    """The ticket after a tick."""
    return tick(ticket, PACK, now_ms=moment).ticket


@pytest.mark.parametrize(
    ("moments", "finding"),
    [
        pytest.param([(110, "pending")], "late_pause", id="in the last tenth"),
        pytest.param(
            [(1, "pending"), (2, "open"), (3, "pending"), (4, "open"), (5, "pending")], "many_pauses", id="three"
        ),
        pytest.param([(1, "pending"), (70, "open")], "long_pause", id="most of the time"),
        pytest.param([(59, "pending"), (65, "open"), (95, "pending")], "dodged_warnings", id="twice before a warning"),
        pytest.param([(119, "open")], None, id="no pause at all"),
        pytest.param([(20, "pending"), (40, "open")], None, id="an honest pause"),
    ],
)
def test_parking_is_seen(moments, finding):
    """Each sign by itself, in minutes of the first response's two hours; what is honest shows nothing."""
    changes = [ticket_event(MONDAY + minute * MINUTE, "status_changed", status=status) for minute, status in moments]
    findings = taken([created(), *changes], PACK).ticket.standing.findings
    assert (finding in findings) if finding else findings == ()


def test_a_customer_who_wrote_to_a_paused_ticket_is_not_unheard_for_long():
    """Five minutes after the words that moved nothing there is a finding; where the clock went on, there is none."""
    waiting = [created(), ticket_event(MONDAY + MINUTE, "status_changed", status="pending")]
    wrote = comment_event(MONDAY + 2 * MINUTE, "customer", status="pending")
    ticket = ticked(taken([*waiting, wrote], PACK).ticket, MONDAY + 7 * MINUTE - 1)
    assert ticket.standing.findings == ()
    ticket = ticked(ticket, MONDAY + 7 * MINUTE)
    assert ticket.standing.findings == ("unheard_customer",)
    resumed = ticket_event(MONDAY + 3 * MINUTE, "status_changed", status="open")
    ticket = ticked(taken([*waiting, wrote, resumed], PACK).ticket, MONDAY + 9 * MINUTE)
    assert ticket.standing.findings == ()


@pytest.mark.parametrize(
    ("events", "finding", "is_found"),
    [
        pytest.param([changed(108 * MINUTE - 1, "pending")], "late_pause", False, id="before the last tenth"),
        pytest.param([changed(108 * MINUTE, "pending")], "late_pause", True, id="in the last tenth"),
        pytest.param([changed(DUE - 1, "on_hold")], "late_pause", True, id="just before it was due"),
        pytest.param([changed(DUE, "pending")], "late_pause", False, id="what is late needs no parking"),
        pytest.param(
            [changed(0, "pending"), changed(HOUR, "open")], "long_pause", False, id="an hour of pauses is no sign"
        ),
        pytest.param(
            [changed(0, "pending"), changed(HOUR + 1, "open")], "long_pause", True, id="more than that, and none worked"
        ),
        pytest.param(
            [changed(70 * MINUTE, "pending"), changed(140 * MINUTE, "open")], "long_pause", False, id="exactly half"
        ),
        pytest.param(
            [changed(70 * MINUTE, "pending"), changed(140 * MINUTE + 1, "open")], "long_pause", True, id="over half"
        ),
        pytest.param(
            [changed(minute * MINUTE, "open" if minute % 2 else "pending") for minute in range(1, 6)],
            "many_pauses", False, id="two pauses",
        ),
        pytest.param(
            [changed(minute * MINUTE, "open" if minute % 2 else "pending") for minute in range(1, 7)],
            "many_pauses", True, id="three pauses",
        ),
        pytest.param(
            [changed(HOUR, "solved"), changed(25 * HOUR - 1, "open")], "reopened_soon", True, id="within a day"
        ),
        pytest.param([changed(HOUR, "solved"), changed(25 * HOUR, "open")], "reopened_soon", False, id="a day later"),
    ],
)  # fmt: skip
def test_both_sides_of_each_border(events, finding, is_found):
    """A sign is one from its border on."""
    assert (finding in taken([created(), *events], PACK).ticket.standing.findings) == is_found


@pytest.mark.parametrize(
    ("between", "findings"),
    [
        pytest.param([], ("unheard_customer",), id="nobody"),
        pytest.param([comment_event(MONDAY + 3 * MINUTE, "agent", status="pending")], (), id="an answer"),
        pytest.param(
            [comment_event(MONDAY + 3 * MINUTE, "agent", public=False, status="pending")],
            ("unheard_customer",), id="a note",
        ),
        pytest.param([comment_event(MONDAY + 3 * MINUTE, "bot", status="pending")], ("unheard_customer",), id="a bot"),
    ],
)  # fmt: skip
def test_who_hears_a_customer_in_a_pause(between, findings):
    """The clock may go on standing still where somebody answered."""
    wrote = comment_event(MONDAY + 2 * MINUTE, "customer", status="pending")
    ticket = taken([created(), changed(MINUTE, "pending"), wrote, *between], PACK).ticket
    assert ticked(ticket, MONDAY + 7 * MINUTE).standing.findings == findings

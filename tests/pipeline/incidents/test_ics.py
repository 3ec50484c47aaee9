"""Duties as calendar files: what goes out comes in again; what others write is understood, or refused with a place."""

from datetime import date, datetime

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.incidents.ics import CalendarFileError, as_calendar, overrides_of, written
from pipeline.incidents.load import parse_oncall
from pipeline.incidents.roster import Calendar, Override, Roster, Rotation, Shift, duties, on_call
from tests.support.alerts import DAY, HOUR, HOUR_START_MS
from tests.support.incidents import FIRST, MANAGER, SECOND

PEOPLE = (FIRST, SECOND, MANAGER)
LOCAL = Calendar()  # Shanghai
MARCH = LOCAL.moment_ms(datetime(2026, 3, 1))  # noqa: DTZ001  (local time is meant)


def file_of(*lines):
    """A calendar file with these lines of one event."""
    return calendar_of(["UID:1", *lines])


def calendar_of(*events):
    """A calendar file with these events."""
    lines = [line for event in events for line in ("BEGIN:VEVENT", *event, "END:VEVENT")]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *lines, "END:VCALENDAR"]).encode()


def read(data, days=14):
    """Local beginning and end, and people, of what a file means from 1 March on."""
    found = overrides_of(data, people=PEOPLE, calendar=LOCAL, from_ms=MARCH, to_ms=MARCH + days * DAY)
    times = [[f"{LOCAL.local(at):%m-%d %H:%M}" for at in (each.starts_at_ms, each.ends_at_ms)] for each in found]
    return [(*time, each.people) for time, each in zip(times, found, strict=True)]


ROSTERS = st.builds(
    lambda members, turn_days, minute, gaps: Roster(
        shifts=(Shift(Rotation(tuple(members), date(2025, 1, 1), turn_days), handover_minute=minute),),
        overrides=tuple(
            Override(HOUR_START_MS + at * HOUR, HOUR_START_MS + (at + lasts) * HOUR, tuple(who))
            for at, lasts, who in gaps
        ),
    ),
    st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True),
    st.integers(1, 9),
    st.integers(0, 23 * 60),
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(1, 60), st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True)),
        max_size=4,
    ),
)


@settings(max_examples=40, deadline=None)
@given(ROSTERS, st.integers(1, 20))
def test_what_goes_out_comes_in_again(roster, days):
    """At every hour the imported overrides say who was on call; in a gap they say nothing."""
    until_ms = HOUR_START_MS + days * DAY
    data = as_calendar("duty", duties(roster, HOUR_START_MS, until_ms, calendar=LOCAL), now_ms=HOUR_START_MS)
    back = overrides_of(data, people=PEOPLE, calendar=LOCAL, from_ms=HOUR_START_MS, to_ms=until_ms)
    empty = Roster((Shift(Rotation((), date(2025, 1, 1))),), overrides=back)
    for hour in range(days * 24):
        at_ms = HOUR_START_MS + hour * HOUR
        assert on_call(empty, at_ms, calendar=LOCAL) == on_call(roster, at_ms, calendar=LOCAL)


def test_the_same_duties_are_the_same_file():
    """An event keeps its id, so that a calendar that reads again updates it."""
    roster = Roster((Shift(Rotation((FIRST, SECOND), date(2025, 1, 1), 7)),))
    spans = [list(duties(roster, HOUR_START_MS, HOUR_START_MS + 30 * DAY, calendar=LOCAL)) for _ in range(2)]
    one, same = (as_calendar("duty", span, now_ms=HOUR_START_MS) for span in spans)
    assert one == same
    (first, *_) = icalendar.Calendar.from_ical(one).walk("VEVENT")
    assert str(first["UID"]).startswith("duty-")
    assert str(first["SUMMARY"]) in {f"值班 {FIRST}", f"值班 {SECOND}"}


@pytest.mark.parametrize(
    ("lines", "meaning"),
    [
        pytest.param(
            ["SUMMARY:duty-1", "DTSTART:20260302T010000Z", "DTEND:20260302T100000Z"],
            [("03-02 09:00", "03-02 18:00", (FIRST,))], id="in UTC",
        ),
        pytest.param(
            ["SUMMARY:值班 duty-1\\, duty-2", "DTSTART:20260302T090000", "DTEND:20260302T180000"],
            [("03-02 09:00", "03-02 18:00", (FIRST, SECOND))], id="local, two people",
        ),
        pytest.param(
            ["SUMMARY:duty-1", "DTSTART;TZID=Europe/Berlin:20260302T090000", "DURATION:PT9H"],
            [("03-02 16:00", "03-03 01:00", (FIRST,))], id="elsewhere",
        ),
        pytest.param(
            ["SUMMARY:duty-1", "DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260304"],
            [("03-02 00:00", "03-04 00:00", (FIRST,))], id="whole days",
        ),
        pytest.param(
            ["SUMMARY:duty-1", "DTSTART:20260302T090000", "DURATION:PT2H"],
            [("03-02 09:00", "03-02 11:00", (FIRST,))], id="for so long",
        ),
        pytest.param(
            ["SUMMARY:duty-1", "DTSTART:20260223T090000", "DTEND:20260223T180000", "RRULE:FREQ=WEEKLY;COUNT=9",
             "EXDATE:20260309T090000"],
            [("03-02 09:00", "03-02 18:00", (FIRST,))], id="every Monday but one",
        ),
        pytest.param(
            ["SUMMARY:duty-1", "DTSTART:20260301T230000Z", "DTEND:20260302T100000Z",
             "RRULE:FREQ=DAILY;UNTIL=20260303T230000Z"],
            [("03-02 07:00", "03-02 18:00", (FIRST,)), ("03-03 07:00", "03-03 18:00", (FIRST,)),
             ("03-04 07:00", "03-04 18:00", (FIRST,))], id="until a moment in UTC",
        ),
        pytest.param(
            ["SUMMARY:x", "X-TOCSIN-PEOPLE:duty-2", "DTSTART:20260228T200000", "DTEND:20260301T080000"],
            [("02-28 20:00", "03-01 08:00", (SECOND,))], id="under way when it begins",
        ),
        pytest.param(
            ["SUMMARY:duty-1", "DTSTART:20260302T090000", "DTEND:20260302T180000", "RDATE:20260305T090000"],
            [("03-02 09:00", "03-02 18:00", (FIRST,)), ("03-05 09:00", "03-05 18:00", (FIRST,))], id="on two days",
        ),
        pytest.param(
            ["SUMMARY:duty-1", "DTSTART:20260302T090000", "DTEND:20260302T180000", "STATUS:CANCELLED"], [],
            id="called off",
        ),
        pytest.param(["SUMMARY:nobody we know", "DTSTART:20250302T090000", "DTEND:20250302T180000"], [], id="long ago"),
    ],
)  # fmt: skip
def test_what_others_write(lines, meaning):
    """Zones, whole days, durations, repetitions and what is called off."""
    assert read(file_of(*lines)) == meaning


def test_a_moved_duty_is_moved():
    """One of a series at another time takes the place of its own."""
    data = calendar_of(
        ["UID:1", "SUMMARY:duty-1", "DTSTART:20260302T090000", "DTEND:20260302T180000", "RRULE:FREQ=DAILY;COUNT=2"],
        [
            "UID:1",
            "SUMMARY:duty-2",
            "DTSTART:20260303T200000",
            "DTEND:20260303T220000",
            "RECURRENCE-ID:20260303T090000",
        ],
    )
    assert read(data) == [("03-02 09:00", "03-02 18:00", (FIRST,)), ("03-03 20:00", "03-03 22:00", (SECOND,))]


def test_one_of_a_series_may_be_called_off():
    """The others stand."""
    data = calendar_of(
        ["UID:1", "SUMMARY:duty-1", "DTSTART:20260302T090000", "DTEND:20260302T180000", "RRULE:FREQ=DAILY;COUNT=2"],
        ["UID:1", "SUMMARY:duty-1", "DTSTART:20260303T090000", "DTEND:20260303T180000", "STATUS:CANCELLED",
         "RECURRENCE-ID:20260303T090000"],
    )  # fmt: skip
    assert read(data) == [("03-02 09:00", "03-02 18:00", (FIRST,))]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(b"no calendar", "expected a calendar file", id="something else"),
        pytest.param(file_of("SUMMARY:duty-1"), "expected a calendar file", id="without a beginning"),
        pytest.param(
            file_of("SUMMARY:duty-9", "DTSTART:20260302T090000", "DTEND:20260302T180000"),
            "the event of 2026-03-02 09:00 names duty-9; known are duty-1, duty-2, manager-1", id="nobody we know",
        ),
        pytest.param(
            file_of("DTSTART:20260302T090000", "DTEND:20260302T180000"), "2026-03-02 09:00 names nobody", id="nobody"
        ),
        pytest.param(
            file_of("SUMMARY:duty-1", "DTSTART:20260302T090000", "DTEND:20260302T180000", "RRULE:FREQ=WEEKLY;COUNT=2",
                    "RDATE;VALUE=PERIOD:20260305T010000Z/PT5H"),
            "the event of 2026-03-02 09:00 has an RDATE with a span", id="a date with a span of its own",
        ),
    ],
)  # fmt: skip
def test_problems_have_a_place(data, problem):
    """Nothing is taken over by half."""
    with pytest.raises(CalendarFileError, match=problem):
        read(data)


def test_what_is_written_is_what_the_on_call_file_reads():
    """Under a roster, in local time."""
    overrides = (Override(MARCH + 9 * HOUR, MARCH + 18 * HOUR, (FIRST, SECOND)),)
    text = (
        "channels: {ops: {kind: console}}\npeople:\n  duty-1: {contacts: {ops: a}}\n  duty-2: {contacts: {ops: b}}\n"
        "rosters:\n  duty:\n    members: [duty-1]\n    starts_on: 2026-01-05\n" + written(overrides, LOCAL)
        + 'chains: {one: {steps: [{tell: ["roster:duty"]}]}}\nroutes: [{chain: one}]\n'
    )  # fmt: skip
    assert parse_oncall("oncall.yaml", text.encode()).plan.rosters["duty"].overrides == overrides

"""Promises go by a section of the policies, or without one by the working week of the country."""

import pytest

from pipeline.sla.load import SlaError
from pipeline.sla.policy import Audience
from pipeline.times import MINUTE_MS
from tests.support.tickets import HOUR, STANDARD, pack_of


def keys(policy, span_ms):
    """What is told of a promise with so much time, and when."""
    return [(point.key, point.elapsed_ms) for point in policy.points(span_ms)]


def test_without_a_section_there_are_two_warnings_and_the_end():
    """At 75 and at 90 of a hundred."""
    policy = pack_of().promises
    assert keys(policy, 10 * HOUR) == [("0.75", 7.5 * HOUR), ("0.9", 9 * HOUR), ("1", 10 * HOUR)]
    assert policy.vague_for_ms == 24 * HOUR


def test_a_section_says_it_otherwise():
    """The calendar, the shares with whom they are told, and what 尽快 means; nobody hears of shares beyond the end."""
    section = """
promises:
  calendar: always
  vague_minutes: 90
  warn:
    - {at: 0.5, to: [administrator]}
    - {at: 1.5, to: [handler]}
"""
    policy = pack_of(STANDARD + section).promises
    assert policy.calendar.spec.id == "always"
    assert policy.vague_for_ms == 90 * MINUTE_MS
    assert keys(policy, 10 * HOUR) == [("0.5", 5 * HOUR), ("1", 10 * HOUR)]
    assert policy.points(10 * HOUR)[0].audience == (Audience.ADMINISTRATOR,)


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ("promises: {calendar: moon}", "promises.calendar: names the calendar moon; known: office, always"),
        ("promises: {warn: [{at: 11, to: [handler]}]}", "is no share"),
        ("promises: {soon: 3}", "soon"),
    ],
    ids=["calendar", "share", "key"],
)
def test_a_wrong_section_is_named(section, problem):
    """With file and line."""
    with pytest.raises(SlaError, match=r"sla\.yaml:\d+") as raised:
        pack_of(STANDARD + section)
    assert problem in str(raised.value)

"""Until when a promise is to be kept: days as the Civil Code counts them, working days as the country works them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.promises.due import due_at_ms
from pipeline.promises.finder import find_agent
from pipeline.sla.calendar import CalendarSpec, WorkCalendar
from pipeline.sla.policy import PromisePolicy
from schemas.promises import Until, When
from tests.support.tickets import HOUR, at

POLICY = PromisePolicy()


def due(text: str, said_at: str) -> int:
    """When the promise of a text is due that was said at a moment."""
    talk = find_agent(text)
    assert talk is not None
    return due_at_ms(
        talk.made[0].when, said_at_ms=at(said_at), calendar=POLICY.calendar, vague_for_ms=POLICY.vague_for_ms
    )


@pytest.mark.parametrize(
    ("text", "said_at", "expected"),
    [
        pytest.param("48小时内给您回电。", "2026-03-02 09:30", "2026-03-04 09:30", id="hours are hours"),
        pytest.param(
            "三天内给您退款。", "2026-03-02 09:30", "2026-03-06 00:00", id="the day of the words is not counted"
        ),
        pytest.param("明天上午10点前给您回电。", "2026-03-02 09:30", "2026-03-03 10:00", id="an hour of tomorrow"),
        pytest.param("明天给您回电。", "2026-03-02 23:59", "2026-03-04 00:00", id="tomorrow ends at midnight"),
        pytest.param("今天给您回电。", "2026-03-02 00:01", "2026-03-03 00:00", id="today ends at midnight"),
        pytest.param("今天下班前给您回电。", "2026-03-02 09:30", "2026-03-02 18:00", id="work ends at six"),
        pytest.param("今天下班前给您回电。", "2026-03-07 09:30", "2026-03-07 18:00", id="also on a free Saturday"),
        pytest.param("两个工作日内给您退款。", "2026-03-05 09:30", "2026-03-09 18:00", id="over a weekend"),
        pytest.param("一个工作日内给您退款。", "2026-09-30 16:00", "2026-10-08 18:00", id="over National Day"),
        pytest.param(
            "三个工作日内给您退款。", "2026-02-13 10:00", "2026-02-25 18:00", id="Spring Festival, make-up Saturday"
        ),
        pytest.param("三天内给您退款。", "2028-02-27 10:00", "2028-03-02 00:00", id="a leap day"),
        pytest.param("这周五之前给您退款。", "2026-03-02 09:30", "2026-03-07 00:00", id="this Friday"),
        pytest.param("下周一给您寄出。", "2026-03-02 09:30", "2026-03-10 00:00", id="next Monday"),
        pytest.param("这周三给您回电。", "2026-03-05 09:30", "2026-03-12 00:00", id="a Wednesday that is over"),
        pytest.param("周一给您回电。", "2026-03-05 09:30", "2026-03-10 00:00", id="the Monday that comes"),
        pytest.param("月底前给您退款。", "2026-02-10 09:30", "2026-03-01 00:00", id="the end of February"),
        pytest.param("25号前给您退款。", "2026-02-26 09:30", "2026-03-26 00:00", id="a day of next month"),
        pytest.param("1月5号前给您退款。", "2026-12-20 09:30", "2027-01-06 00:00", id="next year"),
        pytest.param("下个月给您退款。", "2026-12-20 09:30", "2027-02-01 00:00", id="the end of next month"),
        pytest.param("下个月初给您退款。", "2026-03-30 09:30", "2026-04-11 00:00", id="the first ten days of it"),
        pytest.param("年底前给您退款。", "2026-12-31 09:30", "2027-01-01 00:00", id="the last day of the year"),
        pytest.param("国庆节前给您发货。", "2026-09-01 09:30", "2026-10-01 00:00", id="the eve of a feast"),
        pytest.param("国庆节前给您发货。", "2026-10-05 09:30", "2027-10-01 00:00", id="that of next year"),
        pytest.param("3个自然日内退款给您。", "2026-10-01 09:30", "2026-10-05 00:00", id="days of the calendar"),
        pytest.param("24h内给您回电。", "2026-03-02 09:30", "2026-03-03 09:30", id="h is an hour"),
        pytest.param("上午给您回电。", "2026-03-02 13:00", "2026-03-03 12:00", id="a morning that is over"),
        pytest.param("我三点前给您回电。", "2026-03-02 09:30", "2026-03-02 15:00", id="three is in the afternoon"),
        pytest.param("我三点前给您回电。", "2026-03-02 16:30", "2026-03-03 03:00", id="unless that is over too"),
        pytest.param("今晚八点前给您回电。", "2026-03-02 09:30", "2026-03-02 20:00", id="eight in the evening"),
        pytest.param("两个工作小时内给您回电。", "2026-03-02 17:00", "2026-03-03 10:00", id="working hours"),
        pytest.param("尽快给您回电。", "2026-03-02 09:30", "2026-03-03 09:30", id="soon is a day"),
    ],
)
def test_when_it_is_due(text: str, said_at: str, expected: str) -> None:
    """Worked examples with dates of real holiday weeks."""
    assert due(text, said_at) == at(expected)


def test_days_end_by_the_clock_of_the_zone() -> None:
    """Where clocks were set forward, the day has an hour less; midnight is midnight."""
    calendar = WorkCalendar(CalendarSpec(id="la", zone="America/Los_Angeles"))
    said_at_ms = at("2026-03-07 12:00", "America/Los_Angeles")
    due_ms = due_at_ms(When(measure=Until.DAY, count=1), said_at_ms=said_at_ms, calendar=calendar, vague_for_ms=0)
    assert due_ms == at("2026-03-09 00:00", "America/Los_Angeles")
    assert due_ms - said_at_ms == 35 * HOUR


@given(
    measure=st.sampled_from([each for each in Until if each not in {Until.DATE, Until.MONTHDAY}]),
    count=st.integers(1, 30),
    minute=st.none() | st.integers(0, 24 * 60),
    said_at_ms=st.integers(at("2024-01-01 00:00"), at("2027-12-31 00:00")),
    is_closing=st.booleans(),
)
def test_what_is_promised_is_due_after_its_words(measure, count, minute, said_at_ms, is_closing) -> None:
    """Whatever was said, whenever; and never more than half a year later."""
    when = When(
        measure=measure, count=min(count, 21 if "week" in measure else count), minute=minute, is_closing=is_closing
    )
    if measure is Until.MONTH_END:
        when = When(measure=measure, count=count % 2)
    due_ms = due_at_ms(when, said_at_ms=said_at_ms, calendar=POLICY.calendar, vague_for_ms=POLICY.vague_for_ms)
    assert said_at_ms < due_ms < said_at_ms + 183 * 24 * HOUR


@given(
    month=st.integers(1, 12),
    day=st.integers(1, 31),
    said_at_ms=st.integers(at("2024-01-01 00:00"), at("2027-12-31 00:00")),
)
def test_every_date_comes_within_a_year(month, day, said_at_ms) -> None:
    """The 31st of a shorter month is its last day."""
    for when in (When(measure=Until.DATE, count=month * 100 + day), When(measure=Until.MONTHDAY, count=day)):
        due_ms = due_at_ms(when, said_at_ms=said_at_ms, calendar=POLICY.calendar, vague_for_ms=0)
        assert said_at_ms < due_ms <= said_at_ms + 367 * 24 * HOUR

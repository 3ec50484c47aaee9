"""Complaint rates that are too high, and channels that fall silent: told once, resolved, and not told by chance."""

import random

import pytest

from pipeline.kpis.fold import fold
from pipeline.kpis.measure import share
from pipeline.kpis.rates import Grade, bounds_of, grade, usual_rate
from pipeline.kpis.silence import is_silent, surely_usual
from pipeline.kpis.state import KpiRow
from pipeline.rows import Store
from pipeline.stage import Batch
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.kpis import Kpi, KpiHour, KpiTally, Measure
from schemas.ticks import Tick
from schemas.topics import KPI_TALLIES, TICKS
from schemas.vocabulary import AlertKind, ChannelClass, Level

START_MS = 1_767_225_600_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 24 * 3_600_000
CALM, WARN, ALARM = Grade.CALM, Grade.WARN, Grade.ALARM


def test_wilson_by_hand():
    """10 of 100: the published interval is 0.0552 to 0.1744."""
    bounds = bounds_of(share(10, 100))
    assert (round(bounds.low, 4), bounds.rate, round(bounds.high, 4)) == (0.0552, 0.1, 0.1744)
    assert bounds_of(Measure()) is None
    assert bounds_of(share(0, 30)).low == 0.0
    assert bounds_of(share(30, 30)).high == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("hits", "of", "usual", "known", "expected"),
    [
        pytest.param(29, 29, 0.01, CALM, CALM, id="29 contacts are too few"),
        pytest.param(30, 30, 0.01, CALM, ALARM, id="30 are enough"),
        pytest.param(10, 100, 0.036, CALM, WARN, id="0.0552 is above one and a half times 0.036"),
        pytest.param(10, 100, 0.037, CALM, CALM, id="but not of 0.037"),
        pytest.param(10, 100, 0.027, CALM, ALARM, id="above twice 0.027"),
        pytest.param(10, 100, 0.07, WARN, WARN, id="stays open above 1.3 times"),
        pytest.param(9, 100, 0.07, WARN, CALM, id="and resolves below"),
        pytest.param(10, 100, None, CALM, CALM, id="learning"),
        pytest.param(1, 100, 0.0, CALM, CALM, id="one complaint where there never was any is no rate"),
        pytest.param(80, 100, 0.0, CALM, ALARM, id="eighty are"),
        pytest.param(2, 60, 0.0005, CALM, CALM, id="two prove nothing, however rare they are"),
        pytest.param(3, 60, 0.0005, CALM, ALARM, id="three do"),
        pytest.param(2, 60, 0.0005, ALARM, ALARM, id="but what is open stays open"),
    ],
)
def test_grades(hits, of, usual, known, expected):
    """Both sides of each border."""
    assert grade(share(hits, of), usual, known) is expected


def test_what_is_usual():
    """The trade where it is known, else 200 cases of the week before, and never nought."""
    assert usual_rate(share(0, 200), None) == 0.005
    assert usual_rate(share(0, 10_000), None) == 0.0001
    assert usual_rate(share(4, 200), None) == 0.02
    assert usual_rate(share(4, 199), None) is None
    assert usual_rate(share(0, 0), 0.01) == 0.01


@pytest.mark.parametrize(
    ("contacts", "minutes"),
    [
        pytest.param(19, None, id="seldom used, not judged"),
        pytest.param(20, 210, id="one in 21 minutes"),
        pytest.param(420, 10, id="one a minute"),
        pytest.param(42_000, 10, id="ten minutes at least"),
    ],
)
def test_longest_silence(contacts, minutes):
    """Ten usual gaps, where every hour has as many contacts; both sides of each border."""
    usual, now_ms = surely_usual([contacts] * 7), START_MS + 59 * MINUTE
    if minutes is None:
        assert not is_silent(START_MS - 5 * HOUR, usual, now_ms=now_ms)
    else:
        assert not is_silent(now_ms - minutes * MINUTE, usual, now_ms=now_ms)
        assert is_silent(now_ms - minutes * MINUTE - 1, usual, now_ms=now_ms)


def test_an_hour_is_as_busy_as_its_quietest_neighbour():
    """At which minute of an hour a channel opens is not known, so that hour is not judged."""
    assert surely_usual([0, 210, 420, 420, 60, 19, 30]) == (0, 210, 60, 0, 0)


def test_a_silence_is_measured_in_the_contacts_of_its_own_hours():
    """Of 3 contacts an hour at night one is missed in twenty minutes; of 60 an hour by day nine in nine."""
    assert not is_silent(START_MS - 20 * MINUTE, (21, 420), now_ms=START_MS + 9 * MINUTE)
    assert is_silent(START_MS - 20 * MINUTE, (21, 420), now_ms=START_MS + 9 * MINUTE + 1)


class Weeks:
    """A region's contacts, told every ten minutes, with a tick each minute."""

    def __init__(self, trade_rate=None):
        self.store = Store(KpiRow)
        self.told = []
        self.trade_rate = trade_rate
        self._number = 0

    def contacts(self, at_ms, hits, of):
        """So many contacts, and complaints among them."""
        measures = {Kpi.COMPLAINT_RATE_B: share(hits, of), "contacts.voice": share(hits, of)}
        measures[Kpi.COMPLAINT_RATE_A] = share(hits, of)
        self._number += 1
        now_ms = START_MS + at_ms
        tally = KpiTally(
            tally_id=f"t{self._number}",
            subject="region:440000",
            hour_start=now_ms // HOUR * HOUR,
            measures=measures,
            emitted_at=now_ms,
        )
        self._fold(KPI_TALLIES, tally)

    def tick(self, at_ms):
        """The clock."""
        self._fold(TICKS, Tick(now_ms=START_MS + at_ms))

    def _fold(self, topic, event):
        batch = Batch(topic, 0, [event], [Record(0, 0, None, b"")])
        effects = fold(batch, self.store, trade_rate=self.trade_rate)
        self.store.apply(effects.changes, now_ms=0)
        self.told += [output.value for output in effects.outputs]

    def alerts(self, kind):
        """Alerts of a kind."""
        return [each for each in self.told if isinstance(each, Alert) and each.kind is kind]

    def run(self, first_ms, end_ms, contacts_an_hour, complaint_share, seed=1):
        """Contacts by chance, in steps of ten minutes."""
        dice = random.Random(seed)
        for at_ms in range(first_ms, end_ms, 10 * MINUTE):
            of = sum(dice.random() < contacts_an_hour / 600 for _ in range(100))
            if of:
                self.contacts(at_ms, sum(dice.random() < complaint_share for _ in range(of)), of)
            for minute in range(10):
                self.tick(at_ms + minute * MINUTE)


def test_a_rate_that_doubles_is_told_and_resolved():
    """A week at 5 %, two hours at 25 %, calm again: warned or alarmed within the hour, resolved after."""
    weeks = Weeks()
    weeks.run(0, 8 * DAY, 60, 0.05)
    assert weeks.alerts(AlertKind.RATE) == []
    weeks.run(8 * DAY, 8 * DAY + 2 * HOUR, 60, 0.25, seed=2)
    mine = [each for each in weeks.alerts(AlertKind.RATE) if each.tags[1] == "kpi:complaint_rate_b"]
    assert mine[0].tags[0] == "opened"
    assert mine[0].occurred_at <= START_MS + 8 * DAY + HOUR
    assert mine[-1].level is Level.EXPLICIT
    assert mine[-1].value > 2 * mine[-1].baseline
    assert mine[-1].count >= 30
    weeks.run(8 * DAY + 2 * HOUR, 10 * DAY, 60, 0.05, seed=3)
    of_b = [each for each in weeks.alerts(AlertKind.RATE) if each.tags[1] == "kpi:complaint_rate_b"]
    assert of_b[-1].tags[0] == "resolved"
    assert len({each.fingerprint for each in of_b}) == 1
    assert len({each.alert_id for each in of_b}) == len(of_b)


def test_the_mean_of_the_trade_is_what_customers_are_compared_with():
    """Five per cent of customers complain where the trade has two: from the first day on, without a week before it."""
    weeks = Weeks(trade_rate=0.02)
    weeks.run(0, 8 * HOUR, 60, 0.06)
    (alert, *_) = weeks.alerts(AlertKind.RATE)
    assert (alert.tags[1], alert.baseline) == ("kpi:complaint_rate_a", 0.02)


def test_a_channel_that_falls_silent_is_told_and_heard_again():
    """After eight days of a call a minute, ten minutes of nothing are told within a quarter of an hour, once."""
    weeks = Weeks()
    weeks.run(0, 8 * DAY, 60, 0.05)
    assert weeks.alerts(AlertKind.NO_DATA) == []
    for minute in range(120):
        weeks.tick(8 * DAY + minute * MINUTE)
    (alert,) = weeks.alerts(AlertKind.NO_DATA)
    assert (alert.region, alert.channel, alert.tags[0]) == ("440000", ChannelClass.VOICE, "opened")
    assert alert.occurred_at <= START_MS + 8 * DAY + 15 * MINUTE
    weeks.run(8 * DAY + 120 * MINUTE, 8 * DAY + 140 * MINUTE, 60, 0.05)
    assert weeks.alerts(AlertKind.NO_DATA)[-1].tags[0] == "resolved"


def test_a_quiet_region_is_not_called_silent():
    """Two contacts an hour for nine days: what is usual is known too little, or the gap is long."""
    weeks = Weeks()
    weeks.run(0, 9 * DAY, 3, 0.05)
    assert weeks.alerts(AlertKind.NO_DATA) == []


def opened_at(weeks):
    """On which minute of its day each silence was told."""
    alerts = [each for each in weeks.alerts(AlertKind.NO_DATA) if each.tags[0] == "opened"]
    return [(each.occurred_at - START_MS) % DAY // MINUTE for each in alerts]


def work(weeks, days, of_minute):
    """Days on which so many contacts come, by the minute of the day."""
    for minute in range(days * 24 * 60):
        of = of_minute(minute // (24 * 60), minute % (24 * 60))
        if of:
            weeks.contacts(minute * MINUTE, 0, of)
        weeks.tick(minute * MINUTE)


@pytest.mark.parametrize(
    "of_minute",
    [
        pytest.param(lambda _, minute: 544 <= minute < 1260, id="from nine, and the first call ends at 9:04"),
        pytest.param(lambda _, minute: 510 <= minute < 1230, id="from half past eight until half past eight"),
        pytest.param(lambda _, minute: 3 if 510 <= minute < 540 else 540 <= minute < 1080, id="a rush at 8:30"),
        pytest.param(lambda _, minute: 540 <= minute < 720 or 810 <= minute < 1080, id="closed over lunch"),
        pytest.param(lambda _, minute: minute >= 540 or minute % 20 == 0, id="one in twenty minutes at night"),
        pytest.param(lambda day, minute: day % 7 < 5 and 540 <= minute < 1080, id="closed at weekends"),
    ],
)
def test_a_channel_with_opening_hours_is_not_called_silent(of_minute):
    """A fortnight: no morning, evening or weekend is told of."""
    weeks = Weeks()
    work(weeks, 14, of_minute)
    assert opened_at(weeks) == []


def test_a_channel_that_does_not_open_is_told_in_its_second_hour():
    """Open from nine, and on the ninth day nobody calls: told soon after ten, once, and resolved the next morning."""
    weeks = Weeks()
    work(weeks, 10, lambda day, minute: day != 8 and 540 <= minute < 1260)
    (minute,) = opened_at(weeks)
    assert 610 < minute <= 616
    assert weeks.alerts(AlertKind.NO_DATA)[-1].tags[0] == "resolved"


def test_a_partition_that_catches_up_silences_nobody():
    """Each minute one partition tells of now, another of 25 minutes ago: the channel is heard all the time."""
    weeks = Weeks()
    work(weeks, 8, lambda _day, _minute: 1)
    for minute in range(8 * 24 * 60, 8 * 24 * 60 + 30):
        weeks.contacts(minute * MINUTE, 0, 1)
        weeks.contacts((minute - 25) * MINUTE, 0, 1)
        weeks.tick(minute * MINUTE)
    assert weeks.alerts(AlertKind.NO_DATA) == []


def test_a_region_without_a_complaint_raises_an_alarm_too():
    """Eight days of none, then four of five contacts: told within the hour, against one complaint in the whole week."""
    weeks = Weeks()
    weeks.run(0, 8 * DAY, 60, 0.0)
    assert weeks.alerts(AlertKind.RATE) == []
    weeks.run(8 * DAY, 8 * DAY + HOUR, 60, 0.8, seed=2)
    alert = weeks.alerts(AlertKind.RATE)[0]
    assert (alert.tags[0], alert.level) == ("opened", Level.EXPLICIT)
    assert 0 < alert.baseline < 0.001


def test_levels_of_what_opens_grows_and_resolves():
    """A warning that resolves was a warning, and an alarm that grew out of one says so."""
    weeks = Weeks()
    weeks.run(0, 8 * DAY, 60, 0.05)
    weeks.run(8 * DAY, 8 * DAY + 2 * HOUR, 60, 0.25, seed=2)
    weeks.run(8 * DAY + 2 * HOUR, 10 * DAY, 60, 0.05, seed=3)
    mine = [each for each in weeks.alerts(AlertKind.RATE) if each.tags[1] == "kpi:complaint_rate_b"]
    assert [(each.tags[0], each.previous_level, each.level) for each in mine] == [
        ("opened", Level.NONE, Level.POTENTIAL),
        ("grown", Level.POTENTIAL, Level.EXPLICIT),
        ("resolved", Level.EXPLICIT, Level.EXPLICIT),
        ("opened", Level.NONE, Level.POTENTIAL),
        ("resolved", Level.POTENTIAL, Level.POTENTIAL),
    ]


def test_an_hour_is_told_at_most_once_a_minute():
    """However often it changes."""
    weeks = Weeks()
    weeks.run(0, HOUR, 60, 0.05)
    hours = [each for each in weeks.told if isinstance(each, KpiHour)]
    assert [each.version for each in hours] == list(range(1, len(hours) + 1))
    assert len(hours) <= 6

"""A score that falls is told; one that chance alone may have moved is not."""

import random

import pytest

from pipeline.kpis.falling import has_fallen, has_recovered
from pipeline.kpis.measure import score, sum_of
from schemas.alerts import Alert
from schemas.kpis import Kpi
from schemas.vocabulary import AlertKind
from tests.support.feedback import HOUR, MINUTE, Voice, answer

SUBJECTS = ("all", "region:440000", "touchpoint:sms")


def csat(satisfied, of):
    """So many satisfied customers of so many."""
    return sum_of([score(1000, 5)] * satisfied + [score(0, 1)] * (of - satisfied))


def nps(promoters, passives, detractors):
    """So many of each."""
    return sum_of([score(1000, 10)] * promoters + [score(0, 7)] * passives + [score(-1000, 2)] * detractors)


# By hand: 80 of 100 and one at each end is 81/102 = 0.794, of 1000 it is 0.799; with 50 of 100 now the difference is
# 0.299 and its standard error sqrt(0.25/102 + 0.16/1002) = 0.051, of which three are 0.153.
@pytest.mark.parametrize(
    ("kpi", "now", "before", "fallen"),
    [
        pytest.param(Kpi.CSAT, csat(50, 100), csat(800, 1000), True, id="80 % to 50 %"),
        pytest.param(Kpi.CSAT, csat(65, 100), csat(800, 1000), True, id="0.153 is reached: 0.799 - 0.647"),
        pytest.param(Kpi.CSAT, csat(67, 100), csat(800, 1000), False, id="0.132 is not, although 13 points lower"),
        pytest.param(Kpi.CSAT, csat(10, 29), csat(800, 1000), False, id="29 answers are too few, however bad"),
        pytest.param(Kpi.CSAT, csat(10, 30), csat(800, 1000), True, id="30 are enough"),
        pytest.param(Kpi.CSAT, csat(10, 30), csat(24, 29), False, id="nothing to compare with"),
        pytest.param(Kpi.CSAT, csat(9600, 10000), csat(9900, 10000), False, id="sure, but not worth telling"),
        pytest.param(Kpi.CSAT, csat(900, 1000), csat(800, 1000), False, id="a rise"),
        pytest.param(Kpi.NPS, nps(10, 10, 40), nps(400, 300, 100), True, id="nps 37 to -50"),
        pytest.param(Kpi.NPS, nps(20, 15, 12), nps(400, 300, 200), False, id="nps 22 to 17 of 47"),
    ],
)
def test_fallen_or_not(kpi, now, before, fallen):
    """Both sides of each border."""
    assert has_fallen(kpi, now, before) is fallen


def test_recovered_by_half():
    """Two and a half points of CSAT below is recovered, more is not; so is a score that nobody answers any more."""
    before = csat(8000, 10000)
    assert has_recovered(Kpi.CSAT, csat(7800, 10000), before)
    assert not has_recovered(Kpi.CSAT, csat(7700, 10000), before)
    assert has_recovered(Kpi.CSAT, csat(0, 10), before)


def test_chance_alone_is_seldom_told():
    """1000 days with 40 answers of a house that does not change: at most three false alarms."""
    dice = random.Random(3)
    alarms = 0
    for _ in range(1000):
        week = csat(sum(dice.random() < 0.85 for _ in range(280)), 280)
        day = csat(sum(dice.random() < 0.85 for _ in range(40)), 40)
        alarms += has_fallen(Kpi.CSAT, day, week)
    assert alarms <= 3


def test_a_fall_is_told_once_and_resolved():
    """Three good days, one bad one, and again good ones: one alert of the whole, the region, the touchpoint."""
    voice = Voice()
    number = 0
    for hour in range(9 * 24):
        bad = 72 <= hour < 96
        for _ in range(3):
            number += 1
            voice.take(answer(number, "nps", 2 if bad else 9, hour * HOUR))
        voice.tick(hour * HOUR + 30 * MINUTE, hour * HOUR + 32 * MINUTE)
    alerts = [each for each in voice.of(Alert) if each.kind is AlertKind.SCORE_FALL]
    changes = {subject: [each.tags[0] for each in alerts if subject in each.tags] for subject in SUBJECTS}
    assert changes == {subject: ["opened", "resolved"] for subject in SUBJECTS}
    first = alerts[0]
    assert (first.baseline, first.region) == (1.0, "unknown")
    assert first.value < 0.8
    assert first.count >= 30
    assert {each.region for each in alerts} == {"unknown", "440000"}

"""The arithmetic of the score, as it is written on an alert."""

import pytest

from pipeline.conversation.score import BANDS, level_of_score
from pipeline.findings import Finding
from schemas.vocabulary import Level, Role
from tests.support.conversations import (
    APOLOGISES,
    COMPLAINS,
    DISPLEASED,
    FORBIDDEN,
    REGULATOR,
    SECOND,
    THANKS,
    WITHDRAWS,
    Story,
    finding,
    sign,
)

DEMAND = "你们什么时候给我退款啊"
CHASE = "能不能帮我催一下快递"


@pytest.mark.parametrize(
    ("score", "level"),
    [
        pytest.param(0, Level.NONE, id="nothing"),
        pytest.param(29, Level.NONE, id="last of none"),
        pytest.param(30, Level.POTENTIAL, id="first of potential"),
        pytest.param(59, Level.POTENTIAL, id="last of potential"),
        pytest.param(60, Level.EXPLICIT, id="first of explicit"),
        pytest.param(84, Level.EXPLICIT, id="last of explicit"),
        pytest.param(85, Level.HIGH_RISK, id="first of high_risk"),
        pytest.param(100, Level.HIGH_RISK, id="most"),
    ],
)
def test_bands(score, level):
    """Each score lies in one band."""
    assert level_of_score(score) is level


def test_strongest_and_half_of_the_others():
    """Two signs of displeasure of 30 and 40: 40 + 15."""
    story = Story()
    story.call(0, finding(Level.POTENTIAL, 30))
    story.call(SECOND, finding(Level.POTENTIAL, 40))
    assert (story.level, story.score) == (Level.POTENTIAL, 55)


def test_a_rule_counts_once_in_one_utterance():
    """我要投诉我要投诉我要投诉 is one sign, the strongest; in the next utterance it counts again."""
    story = Story()
    shouted = tuple(sign(Level.POTENTIAL, score, "level.potential:x") for score in (32, 36, 34))
    story.call(0, Finding(Level.POTENTIAL, 36, shouted))
    assert story.score == 36
    story.call(SECOND, Finding(Level.POTENTIAL, 36, shouted))
    assert story.score == 54


def test_accumulation_lifts_potential_to_explicit():
    """40 + 3 × 20 reach the band of explicit, and an alert says how."""
    story = Story()
    for number in range(4):
        story.call(number * SECOND, DISPLEASED)
    alert = story.on("complaints.alerts")[-1]
    assert (alert.level, alert.score) == (Level.EXPLICIT, 60)
    assert [part.points for part in alert.score_parts] == [40, 20]


@pytest.mark.parametrize("found", [DISPLEASED, COMPLAINS, REGULATOR], ids=["potential", "explicit", "high_risk"])
def test_the_arithmetic_on_an_alert_comes_out(found):
    """The addends sum up to the score, what the band changed included, and the score is inside its band."""
    story = Story()
    for number in range(30):
        story.call(number * 20 * SECOND, DISPLEASED if number % 3 else found, text=DEMAND)
    for alert in story.on("complaints.alerts"):
        assert round(sum(part.points for part in alert.score_parts), 1) == alert.score
        lowest, highest = BANDS[alert.level]
        assert lowest <= alert.score <= highest


def test_a_repeated_demand_adds_eight():
    """The second time the same is wanted costs eight points."""
    story = Story()
    story.call(0, DISPLEASED, text=DEMAND)
    story.call(SECOND, None, text="你们到底什么时候给我退款啊")
    assert story.score == 48


def test_the_third_time_of_a_polite_chase_is_potential():
    """One polite chase is none; said for the third time it is displeasure."""
    story = Story()
    levels = []
    for number in range(3):
        story.call(number * SECOND, None, text=CHASE)
        levels.append(story.level)
    assert levels == [Level.NONE, Level.NONE, Level.POTENTIAL]


def test_a_correction_is_no_repeat():
    """A final text that comes again under the same utterance does not repeat a demand."""
    story = Story()
    for revision in range(4):
        story.call(revision * SECOND, None, text=CHASE, utterance_id="u", revision=revision)
    assert (story.level, story.score) == (Level.NONE, 0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("嗯好的谢谢你啊没有了", "嗯好的谢谢你啊没有了", id="not a demand"),
        pytest.param("我要退款", "我要退款", id="too short to compare"),
        pytest.param("能不能帮我催一下快递", "我的宽带什么时候能修好", id="another demand"),
    ],
)
def test_what_is_not_a_repeat(first, second):
    """Only similar sentences that want something repeat a demand."""
    story = Story()
    for number, text in enumerate((first, second, first)):
        story.call(number * SECOND, None, text=text)
    assert story.score in (0, 8)
    assert story.level is Level.NONE


def test_two_negative_turns_are_potential():
    """Two turns in a bad mood make displeasure without a word of complaint."""
    story = Story()
    story.call(0, finding(Level.NONE, 12))
    assert story.level is Level.NONE
    story.call(SECOND, finding(Level.NONE, 12))
    assert (story.level, story.score) == (Level.POTENTIAL, 30)


def test_what_the_band_adds_is_a_part_of_its_own():
    """12 + 6 are not yet potential; two bad turns are, and the card says that the band made up the rest."""
    story = Story()
    story.call(0, finding(Level.NONE, 12))
    story.call(SECOND, finding(Level.NONE, 12))
    (alert,) = story.on("complaints.alerts")
    rules = [(part.rule, part.points) for part in alert.score_parts]
    assert (alert.level, alert.score) == (Level.POTENTIAL, 30)
    assert rules == [("level.none:12", 12), ("level.none:12", 6), ("band", 12)]


def test_the_band_takes_off_what_is_above_it():
    """Displeasure that adds up to 93 is explicit: no sum alone is high_risk, and the card says what was taken off."""
    story = Story()
    signs = tuple(sign(Level.POTENTIAL, score) for score in (50, 44, 42))
    story.call(0, Finding(Level.POTENTIAL, 50, signs))
    (alert,) = story.on("complaints.alerts")
    assert (alert.level, alert.score) == (Level.EXPLICIT, 84)
    assert [part.points for part in alert.score_parts] == [50, 22, 21, -9]
    assert alert.score_parts[-1].rule == "band"


@pytest.mark.parametrize(
    ("changes", "tags"),
    [
        pytest.param({}, ("inquiry",), id="asking where to complain"),
        pytest.param({}, ("prepared",), id="citing the law"),
        pytest.param({"is_final": False}, (), id="text that may still change"),
    ],
)
def test_what_is_no_bad_turn(changes, tags):
    """A second one of these lifts nothing, where a second bad turn is potential."""
    story = Story()
    story.call(0, finding(Level.NONE, 12))
    story.call(SECOND, finding(Level.NONE, 12, tags=tags), **changes)
    assert story.level is Level.NONE


def test_a_withdrawal_settles_repeated_demands():
    """What was asked for three times and then taken back adds nothing to what displeases later."""
    story = Story()
    for number in range(3):
        story.call(number * SECOND, None, text=DEMAND)
    assert (story.level, story.score) == (Level.POTENTIAL, 30)
    story.call(3 * SECOND, WITHDRAWS)
    assert (story.level, story.score) == (Level.NONE, 0)
    story.call(4 * SECOND, DISPLEASED)
    assert (story.level, story.score) == (Level.POTENTIAL, 40)


def test_a_demand_that_is_made_again_after_a_withdrawal_is_open_again():
    """The fourth time, after it was taken back, counts with the others."""
    story = Story()
    for number in range(3):
        story.call(number * SECOND, None, text=DEMAND)
    story.call(3 * SECOND, WITHDRAWS)
    story.call(4 * SECOND, None, text=DEMAND)
    assert (story.level, story.score) == (Level.POTENTIAL, 30)


@pytest.mark.parametrize(
    ("softens", "is_final", "expected"),
    [
        pytest.param(THANKS, True, (Level.EXPLICIT, 60), id="thanks"),
        pytest.param(THANKS, False, (Level.EXPLICIT, 70), id="thanks that may still change"),
        pytest.param(WITHDRAWS, True, (Level.NONE, 0), id="a withdrawal"),
        pytest.param(WITHDRAWS, False, (Level.EXPLICIT, 70), id="a withdrawal that may still change"),
    ],
)
def test_only_what_was_said_for_good_softens(softens, is_final, expected):
    """Fifteen off for thanks, but not below the band of what was said; nothing for a guess."""
    story = Story()
    story.call(0, COMPLAINS)
    story.call(SECOND, softens, is_final=is_final)
    assert (story.level, story.score) == expected


def test_a_forbidden_phrase_adds_six_to_a_complaint():
    """What the agent must not say makes a complaint worse; without one it makes none."""
    story = Story()
    story.call(0, FORBIDDEN, role=Role.AGENT)
    assert (story.level, story.score) == (Level.NONE, 0)
    story.call(SECOND, COMPLAINS)
    assert story.score == 76
    tag = story.on("complaints.tagged")[0]
    assert (tag.role, tag.level, tag.quality[0].check, tag.quality[0].severity) == (
        Role.AGENT,
        Level.NONE,
        "confront",
        "critical",
    )


def test_talk_of_evidence_adds_five():
    """我有录音 is no threat; with a complaint it is meant."""
    story = Story()
    story.call(0, finding(Level.NONE, 0, tags=("prepared",)))
    assert (story.level, story.score) == (Level.NONE, 0)
    story.call(SECOND, COMPLAINS)
    assert story.score == 75


@pytest.mark.parametrize(
    ("apology_ms", "score"),
    [
        pytest.param(None, 75, id="none at all"),
        pytest.param(60 * SECOND, 70, id="exactly at sixty seconds"),
        pytest.param(60 * SECOND + 1, 75, id="a moment too late"),
    ],
)
def test_no_apology_within_a_minute_adds_five(apology_ms, score):
    """Judged when a later event shows that the time has passed."""
    story = Story()
    story.call(0, COMPLAINS)
    if apology_ms is not None:
        story.call(apology_ms, APOLOGISES, role=Role.AGENT)
    story.call(61 * SECOND)
    assert story.score == score


def test_an_apology_that_is_read_late_still_counts():
    """The bonus goes when the apology turns out to have been in time."""
    story = Story()
    story.call(0, COMPLAINS)
    story.call(90 * SECOND)
    assert story.score == 75
    story.call(30 * SECOND, APOLOGISES, role=Role.AGENT)
    assert story.score == 70


def test_a_plain_apology_is_not_published():
    """Agents apologise all day; a tag for each would tell nobody anything."""
    story = Story()
    assert story.call(0, APOLOGISES, role=Role.AGENT) == []

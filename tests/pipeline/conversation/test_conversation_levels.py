"""Levels of a conversation: rise, fading, stickiness, withdrawal, episodes."""

import pytest

from schemas.calls import CallPhase
from schemas.chats import ChatPhase
from schemas.vocabulary import AlertKind, Level, Role, ThreatGroup
from tests.support.conversations import (
    APOLOGISES,
    COMPLAINS,
    DISPLEASED,
    HOUR,
    MEDIA,
    MINUTE,
    REGULATOR,
    SECOND,
    SELF_HARM,
    THANKS,
    WITHDRAWS,
    Story,
    call_phase,
    chat_phase,
    finding,
    utterance,
)

ALERTS = "complaints.alerts"


def test_each_rise_is_one_alert():
    """Potential, explicit, high_risk: three alerts; saying the same again none."""
    story = Story()
    for number, found in enumerate([DISPLEASED, DISPLEASED, COMPLAINS, COMPLAINS, REGULATOR, REGULATOR]):
        story.call(number * SECOND, found)
    assert [alert.level for alert in story.on(ALERTS)] == [Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK]
    assert [alert.previous_level for alert in story.on(ALERTS)] == [Level.NONE, Level.POTENTIAL, Level.EXPLICIT]


def test_alert_ids_name_kind_subject_and_cause():
    """The id holds no number at random and no rule version, and differs for each rise."""
    story = Story()
    story.call(0, DISPLEASED)
    story.call(1, REGULATOR)
    assert [alert.alert_id for alert in story.on(ALERTS)] == [
        "level_rise:c1:potential:e1",
        "level_rise:c1:high_risk:e2",
    ]


def test_ids_of_foreign_systems_may_be_long():
    """Ids of 128 characters each still give an id inside the bound, the same each time."""
    ids = []
    for _ in range(2):
        story = Story()
        story.take(utterance(1, conversation_id="c" * 128, event_id="e" * 128), COMPLAINS)
        alert = story.on(ALERTS)[0]
        ids.append(alert.alert_id)
        assert len(alert.alert_id) <= 128
        assert len(alert.fingerprint) <= 128
        assert len(story.on("complaints.tagged")[0].tag_id) <= 128
    assert ids[0] == ids[1]


def test_a_new_threat_group_is_told_once():
    """A second kind of threat is new to the people who act; the same kind again is not."""
    story = Story()
    for number, found in enumerate([REGULATOR, MEDIA, MEDIA, REGULATOR]):
        story.call(number * SECOND, found)
    first, second = story.on(ALERTS)
    assert first.threats == (ThreatGroup.REGULATOR,)
    assert second.threats == (ThreatGroup.REGULATOR, ThreatGroup.MEDIA_EXPOSURE)
    assert second.previous_level is Level.HIGH_RISK  # not a rise: whoever counts rises counts one


def test_self_harm_is_its_own_kind():
    """A person first: the alert is of its own kind and not also an ordinary one."""
    story = Story()
    story.call(0, SELF_HARM)
    assert [alert.kind for alert in story.on(ALERTS)] == [AlertKind.SELF_HARM]


def test_self_harm_with_another_threat_is_told_both_ways():
    """Both alerts go out; only one of them is the rise."""
    story = Story()
    story.call(0, finding(Level.HIGH_RISK, 98, threats=(ThreatGroup.LEGAL, ThreatGroup.SAFETY_SELF_HARM)))
    kinds = [(alert.kind, alert.previous_level) for alert in story.on(ALERTS)]
    assert kinds == [(AlertKind.SELF_HARM, Level.NONE), (AlertKind.LEVEL_RISE, Level.HIGH_RISK)]


@pytest.mark.parametrize(
    ("silence_ms", "level"),
    [
        pytest.param(0, Level.POTENTIAL, id="at once"),
        pytest.param(4 * MINUTE, Level.POTENTIAL, id="40 points are 30 after four minutes"),
        pytest.param(5 * MINUTE, Level.NONE, id="28 after five"),
    ],
)
def test_displeasure_fades_in_a_chat(silence_ms, level):
    """A potential complaint fades with a half-life of ten minutes."""
    story = Story()
    story.chat(0, DISPLEASED)
    story.chat(0, APOLOGISES, role=Role.AGENT)
    story.chat(silence_ms)
    assert story.level is level


def test_nothing_fades_in_a_call():
    """Silence on the phone is hold music, not peace."""
    story = Story()
    story.call(0, DISPLEASED)
    story.call(3 * HOUR)
    assert (story.level, story.score) == (Level.POTENTIAL, 45)  # and nobody said sorry


@pytest.mark.parametrize("found", [COMPLAINS, REGULATOR], ids=["explicit", "high_risk"])
def test_what_was_said_outright_does_not_fade(found):
    """Explicit and high_risk stay through a chat's silence; the score sinks to the floor of the band."""
    story = Story()
    story.chat(0, found)
    story.chat(29 * MINUTE)
    story.chat(58 * MINUTE)
    assert story.level is found.level
    assert story.score == {Level.EXPLICIT: 60, Level.HIGH_RISK: 85}[found.level]


def test_explicit_by_accumulation_does_not_fade_either():
    """Small signs that added up to explicit keep it there."""
    story = Story()
    for number in range(4):
        story.chat(number * SECOND, finding(Level.POTENTIAL, 40))
    assert story.level is Level.EXPLICIT
    story.chat(25 * MINUTE)
    assert story.level is Level.EXPLICIT


def test_nothing_adds_up_to_high_risk():
    """However many complaints, high_risk needs a sign of its own."""
    story = Story()
    for number in range(40):
        story.call(number * SECOND, finding(Level.EXPLICIT, 84))
    assert (story.level, story.score) == (Level.EXPLICIT, 84)


def test_a_withdrawal_lowers_explicit():
    """A withdrawal settles what was said before; the tag tells every reader."""
    story = Story()
    story.call(0, COMPLAINS)
    story.call(SECOND, WITHDRAWS)
    assert story.level is Level.NONE
    assert story.on("complaints.tagged")[-1].tags == ("withdrawn",)


def test_a_mood_that_stays_keeps_a_withdrawal_at_potential():
    """算了不投诉了，太失望了: withdrawn, and still displeased."""
    story = Story()
    story.call(0, COMPLAINS)
    story.call(SECOND, finding(Level.POTENTIAL, 40, tags=("withdrawn",)))
    assert story.level is Level.POTENTIAL


def test_a_rise_after_a_withdrawal_is_an_alert_again():
    """Who comes back to the complaint complains anew."""
    story = Story()
    story.call(0, COMPLAINS)
    story.call(SECOND, WITHDRAWS)
    story.call(2 * SECOND, COMPLAINS)
    assert [alert.alert_id for alert in story.on(ALERTS)] == ["level_rise:c1:explicit:e1", "level_rise:c1:explicit:e3"]


def test_a_withdrawal_does_not_lower_high_risk():
    """High risk stays until a person closes it; the tag says what was said."""
    story = Story()
    story.call(0, REGULATOR)
    story.call(SECOND, WITHDRAWS)
    assert story.level is Level.HIGH_RISK
    assert story.on("complaints.tagged")[-1].tags == ("withdrawn",)


def test_thanks_take_points_but_not_what_was_said():
    """谢谢 at the end of a complaint is politeness."""
    story = Story()
    story.call(0, COMPLAINS)
    before = story.score
    story.call(SECOND, THANKS)
    assert (story.level, story.score) == (Level.EXPLICIT, 60)
    assert before == 70


def test_only_the_customer_withdraws():
    """An agent who says that the complaint is withdrawn changes nothing."""
    story = Story()
    story.call(0, COMPLAINS)
    story.call(SECOND, WITHDRAWS, role=Role.AGENT)
    assert story.level is Level.EXPLICIT


def test_a_complaint_older_than_the_withdrawal_is_settled_when_it_comes_late():
    """What was said before the withdrawal is settled by it, whichever is read first."""
    story = Story()
    story.call(10 * SECOND, WITHDRAWS)
    story.call(5 * SECOND, COMPLAINS)
    assert story.level is Level.NONE


@pytest.mark.parametrize(
    ("gap_ms", "episode"),
    [
        pytest.param(30 * MINUTE - 1, 1, id="just under half an hour"),
        pytest.param(30 * MINUTE, 2, id="half an hour"),
    ],
)
def test_silence_ends_a_chat(gap_ms, episode):
    """Half an hour without an event ends a chat; the next message begins a new episode."""
    story = Story()
    story.chat(0, COMPLAINS)
    story.chat(gap_ms)
    assert story.row.episode == episode
    assert story.level is (Level.EXPLICIT if episode == 1 else Level.NONE)


@pytest.mark.parametrize(
    ("gap_ms", "episode"),
    [pytest.param(4 * HOUR - 1, 1, id="just under"), pytest.param(4 * HOUR, 2, id="four hours")],
)
def test_silence_ends_a_call(gap_ms, episode):
    """A call without an end event is over after four hours."""
    story = Story()
    story.call(0, COMPLAINS)
    story.call(gap_ms, COMPLAINS)
    assert story.row.episode == episode
    assert len(story.on(ALERTS)) == episode


def test_the_end_event_ends_an_episode():
    """After the end the same conversation id begins anew."""
    story = Story()
    story.call(0, COMPLAINS)
    story.take(call_phase(1, CallPhase.ENDED, MINUTE))
    assert story.level is Level.EXPLICIT
    story.call(2 * MINUTE, DISPLEASED)
    assert (story.row.episode, story.level) == (2, Level.POTENTIAL)


def test_what_happened_before_the_end_belongs_to_the_episode_that_ended():
    """A sentence that comes after the end event, but was said before it, still counts there."""
    story = Story()
    story.call(0, DISPLEASED)
    story.take(call_phase(1, CallPhase.ENDED, MINUTE))
    story.call(50 * SECOND, COMPLAINS)
    assert (story.row.episode, story.level) == (1, Level.EXPLICIT)
    assert len(story.on(ALERTS)) == 2


def test_a_sign_of_life_begins_nothing_after_the_end():
    """`alive` and a second `ended` are no new conversation; `started` is."""
    story = Story()
    story.chat(0)
    story.take(chat_phase(1, ChatPhase.ENDED, MINUTE))
    story.take(chat_phase(2, ChatPhase.ALIVE, 2 * MINUTE))
    story.take(chat_phase(3, ChatPhase.ENDED, 3 * MINUTE))
    assert story.row.episode == 1
    story.take(chat_phase(4, ChatPhase.STARTED, 4 * MINUTE))
    assert story.row.episode == 2


def test_a_new_episode_alerts_again_under_another_id():
    """Utterance ids may start again with each episode; event ids do not."""
    story = Story()
    story.take(utterance(1, 0, utterance_id="u1"), COMPLAINS)
    story.take(utterance(2, 5 * HOUR, utterance_id="u1"), COMPLAINS)
    first, second = story.on(ALERTS)
    assert first.alert_id != second.alert_id


def test_lead_time_is_from_the_first_warning_to_the_threat():
    """How long before the threat somebody was warned."""
    story = Story()
    story.call(0, DISPLEASED)
    story.call(90 * SECOND, REGULATOR)
    assert [alert.lead_ms for alert in story.on(ALERTS)] == [None, 90 * SECOND]

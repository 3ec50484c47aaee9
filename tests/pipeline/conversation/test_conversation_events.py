"""Events as they really come: repeated, revised, late, deleted, private, with attributes that change."""

import pytest

from schemas.calls import CallChannel, CallPhase
from schemas.chats import ChatChannel
from schemas.vocabulary import AlertKind, ChannelClass, Level, Role, ThreatGroup
from tests.support.conversations import (
    APOLOGISES,
    COMPLAINS,
    DISPLEASED,
    FORBIDDEN,
    LOOKUPS,
    MINUTE,
    REGULATOR,
    SECOND,
    SELF_HARM,
    THANKS,
    Story,
    call_phase,
    finding,
    message,
    utterance,
)

ALERTS, TAGGED, HINTS = "complaints.alerts", "complaints.tagged", "agents.hints"


def test_a_repeated_event_changes_nothing():
    """The row is the very same object, and nothing goes out."""
    story = Story()
    event = utterance(1)
    story.take(event, COMPLAINS)
    row = story.row
    assert story.take(event, COMPLAINS) == []
    assert story.row is row


def test_the_last_256_events_are_remembered():
    """Bounded: the 257th oldest event id is forgotten, and the row's memory does not grow."""
    story = Story()
    for number in range(257):
        story.take(utterance(number, number))
    row = story.row
    story.take(utterance(1, 1))
    assert story.row is row
    assert len(row.recent) == 6 * 256
    story.take(utterance(0, 0))
    assert story.row is not row


def test_a_newer_revision_replaces_the_finding():
    """What the recogniser took back is taken back; the same sentence is not counted twice."""
    story = Story()
    story.call(0, COMPLAINS, utterance_id="u", is_final=False)
    story.call(SECOND, DISPLEASED, utterance_id="u", revision=1, is_final=False)
    assert (story.level, story.score) == (Level.POTENTIAL, 40)
    story.call(2 * SECOND, None, utterance_id="u", revision=2)
    assert (story.level, story.score) == (Level.NONE, 0)


def test_an_older_revision_that_comes_late_is_ignored():
    """Revision 1 found nothing; revision 0 comes after it and does not bring the complaint back."""
    story = Story()
    story.call(SECOND, None, utterance_id="u", revision=1)
    assert story.call(0, COMPLAINS, utterance_id="u", revision=0, is_final=False) == []
    assert story.level is Level.NONE


def test_wavering_revisions_raise_one_alert():
    """One utterance lifts a conversation to a level once, however often the recogniser changes its mind."""
    story = Story()
    for revision, found in enumerate([COMPLAINS, None, COMPLAINS, None, COMPLAINS]):
        story.call(revision * SECOND, found, utterance_id="u", revision=revision, is_final=revision == 4)
    assert story.level is Level.EXPLICIT
    assert len(story.on(ALERTS)) == 1


@pytest.mark.parametrize(
    ("tags", "levels"),
    [
        pytest.param((), [Level.EXPLICIT, Level.HIGH_RISK], id="waits for the final text"),
        pytest.param(("on_partial",), [Level.HIGH_RISK], id="the rule does not wait"),
    ],
)
def test_partial_text_opens_high_risk_only_where_the_rule_says_so(tags, levels):
    """A threat in text that may still change counts as explicit."""
    story = Story()
    threat = finding(Level.HIGH_RISK, 90, threats=REGULATOR.threats, tags=tags)
    story.call(0, threat, utterance_id="u", is_final=False)
    story.call(SECOND, threat, utterance_id="u", revision=1)
    assert [alert.level for alert in story.on(ALERTS)] == levels
    assert story.on(ALERTS)[-1].threats == REGULATOR.threats


def test_text_counts_even_when_it_comes_late():
    """An event older than the newest moves no clock, and its complaint is heard."""
    story = Story()
    story.call(MINUTE, None, seq=9)
    story.call(0, COMPLAINS, seq=2)
    assert (story.level, story.row.last_at_ms - story.row.started_at_ms) == (Level.EXPLICIT, 0)


@pytest.mark.parametrize(
    ("late", "agent_id"),
    [
        pytest.param({"seq": 2, "at_ms": 2 * MINUTE}, "new", id="a smaller seq is older, whatever its time"),
        pytest.param({"seq": 11, "at_ms": 0}, "late", id="a larger seq is newer"),
        pytest.param({"at_ms": 0}, "new", id="without seq the event time decides"),
    ],
)
def test_of_attributes_the_newest_wins(late, agent_id):
    """Who is on the line is a matter of the newest event, not of the last one read."""
    story = Story()
    story.call(MINUTE, None, seq=10, agent_id="new")
    story.call(agent_id="late", **late)
    assert story.row.agent_id == agent_id


def test_a_deleted_message_withdraws_its_words_but_not_the_level():
    """The alert stays; later cards no longer quote what was deleted."""
    story = Story()
    story.take(message(1, 0, message_id="m"), COMPLAINS)
    story.take(message(2, SECOND, message_id="m", deleted=True))
    assert story.level is Level.EXPLICIT
    story.take(message(3, 2 * SECOND), REGULATOR)
    alert = story.on(ALERTS)[-1]
    assert {evidence.utterance_id for evidence in alert.evidence} == {"m3"}


def test_a_message_that_was_deleted_before_it_is_read_says_nothing():
    """Delivery may be out of order: the deletion comes first."""
    story = Story()
    story.take(message(2, SECOND, message_id="m", deleted=True))
    assert story.take(message(1, 0, message_id="m"), COMPLAINS) == []
    assert story.level is Level.NONE


def test_an_edit_replaces_what_the_message_said():
    """The newest edit counts, in whatever order edits come."""
    story = Story()
    story.take(message(1, 0, message_id="m"), DISPLEASED)
    story.take(message(2, 2 * SECOND, message_id="m", edited=True), COMPLAINS)
    story.take(message(3, SECOND, message_id="m", edited=True), None)
    assert (story.level, story.score) == (Level.EXPLICIT, 70)


def test_an_old_message_that_is_edited_is_no_sign_of_life():
    """An edit hours later neither begins an episode nor keeps one alive."""
    story = Story()
    story.take(message(1, 0, message_id="m"), DISPLEASED)
    story.take(message(2, 40 * MINUTE, message_id="m", edited=True), COMPLAINS)
    assert (story.row.episode, story.level) == (1, Level.EXPLICIT)
    story.take(message(3, 41 * MINUTE))
    assert story.row.episode == 2


@pytest.mark.parametrize("found", [COMPLAINS, APOLOGISES, REGULATOR], ids=["complaint", "apology", "threat"])
def test_a_private_note_has_no_level(found):
    """What colleagues write to each other is not the customer's complaint."""
    story = Story()
    for role in (Role.CUSTOMER, Role.AGENT):
        assert story.chat(0, found, role=role, private=True) == []
    assert (story.level, story.row.traces, story.row.apologies_at_ms) == (Level.NONE, (), ())


def test_a_private_note_may_be_a_matter_of_quality():
    """A forbidden phrase in a note is tagged and adds nothing to the customer's complaint."""
    story = Story()
    story.chat(0, COMPLAINS)
    story.chat(SECOND, FORBIDDEN, role=Role.AGENT, private=True)
    assert story.score == 70
    assert story.on(TAGGED)[-1].quality


@pytest.mark.parametrize(
    ("found", "is_published"),
    [
        pytest.param(DISPLEASED, True, id="a level"),
        pytest.param(finding(Level.NONE, 0, tags=("inquiry",)), True, id="a bare enquiry"),
        pytest.param(finding(Level.NONE, 0, tags=("withdrawn",)), True, id="a withdrawal"),
        pytest.param(THANKS, False, id="thanks"),
        pytest.param(finding(Level.NONE, 0, reasons=("refund",)), False, id="a reason without complaint"),
    ],
)
def test_what_is_worth_a_tag(found, is_published):
    """A level, or a tag that somebody wants to see."""
    assert bool(values_of(found)) is is_published


def values_of(found):
    """The tags of one utterance with a finding."""
    story = Story()
    story.call(0, found)
    return story.on(TAGGED)


def test_a_tag_says_what_the_text_showed_not_where_the_conversation_stands():
    """The tag carries the finding; identities, region and the record's own time come along."""
    story = Story()
    story.take(utterance(1, region="440100", agent_id="a7", product="p1", customer_key="k"), REGULATOR)
    story.take(utterance(2, SECOND), COMPLAINS)
    tag = story.on(TAGGED)[-1]
    assert (tag.tag_id, tag.level, tag.score, tag.utterance_id) == ("tag:e2", Level.EXPLICIT, 70, "u2")
    assert (tag.region, tag.region_source, tag.agent_id, tag.product) == ("440000", "field", "a7", "p1")
    assert (tag.customer_key, tag.rules_version, tag.channel) == ("k", "r1", ChannelClass.VOICE)
    assert tag.emitted_at == tag.occurred_at + 50
    assert tag.reasons[0].l2 == "refund"


def test_the_agent_on_the_line_gets_a_hint_with_each_alert():
    """A hint goes to the agent who has the conversation now, in Chinese and English."""
    story = Story()
    story.call(0, COMPLAINS, agent_id="a1")
    story.call(SECOND, REGULATOR, agent_id="a2")
    first, second = story.on(HINTS)
    assert (first.agent_id, second.agent_id) == ("a1", "a2")
    assert second.alert_id == story.on(ALERTS)[1].alert_id
    card = LOOKUPS.advice.cards[ThreatGroup.REGULATOR]
    assert (second.advice, second.advice_en) == (card.say.zh, card.say.en)
    assert second.next_step == card.next_step.zh
    assert not second.never_silenced


def test_the_customers_type_is_on_the_card():
    """How the customer comes across has a field of its own and is no tag."""
    story = Story()
    typed = finding(Level.EXPLICIT, 70, tags=("repeat", "type:vulnerable"))
    story.call(0, typed, agent_id="a1")
    for value in (story.on(TAGGED)[0], story.on(ALERTS)[0]):
        assert (value.customer_type, value.tags) == ("vulnerable", ("repeat",))
    assert story.on(HINTS)[0].customer_type == "vulnerable"


def test_the_card_says_how_to_treat_this_type_and_what_not_to_say():
    """Handling is the type's own; what to avoid is the level's and the type's."""
    story = Story()
    story.call(0, finding(Level.EXPLICIT, 70, tags=("type:prepared",)), agent_id="a1")
    hint, kind = story.on(HINTS)[0], LOOKUPS.advice.types["prepared"]
    assert (hint.handling, hint.handling_en) == (kind.handling.zh, kind.handling.en)
    assert hint.avoid == LOOKUPS.advice.cards[Level.EXPLICIT].avoid.zh + kind.avoid.zh


def test_self_harm_comes_first_and_is_never_silenced():
    """Its own alert and card, whatever else was threatened in the same breath."""
    story = Story()
    both = finding(Level.HIGH_RISK, 98, threats=(ThreatGroup.REGULATOR, ThreatGroup.SAFETY_SELF_HARM))
    story.call(0, both, agent_id="a1")
    alerts, hints = story.on(ALERTS), story.on(HINTS)
    assert [(alert.kind, alert.never_silenced) for alert in alerts] == [
        (AlertKind.SELF_HARM, True),
        (AlertKind.LEVEL_RISE, False),
    ]
    assert [hint.kind for hint in hints] == [alert.kind for alert in alerts]
    assert [hint.never_silenced for hint in hints] == [True, False]
    person_first = LOOKUPS.advice.cards[ThreatGroup.SAFETY_SELF_HARM].say.zh
    assert [hint.advice for hint in hints] == [person_first, person_first]


def test_self_harm_after_other_high_risk_is_told_again():
    """A conversation that is high_risk already does not hide it."""
    story = Story()
    story.call(0, REGULATOR, agent_id="a1")
    story.call(SECOND, SELF_HARM)
    assert story.on(HINTS)[-1].never_silenced


def test_without_an_agent_there_is_no_hint():
    """Nobody to tell."""
    story = Story()
    story.call(0, COMPLAINS)
    assert story.on(HINTS) == []


def test_the_longest_running_reason_comes_first():
    """Not the last one named, and not the first one named in passing."""
    story = Story()
    story.call(0, finding(Level.POTENTIAL, 35, reasons=("attitude",)))
    story.call(SECOND, finding(Level.POTENTIAL, 35, reasons=("refund",)))
    story.call(MINUTE, finding(Level.HIGH_RISK, 90, reasons=("refund",)))
    assert [reason.l2 for reason in story.on(ALERTS)[-1].reasons] == ["refund", "attitude"]


def test_a_reason_named_before_the_complaint_is_on_the_alert():
    """The neutral description of a fault says why the customer complains later."""
    story = Story()
    story.call(0, finding(Level.NONE, 0, reasons=("refund",)))
    story.call(SECOND, finding(Level.EXPLICIT, 70))
    assert [reason.l2 for reason in story.on(ALERTS)[0].reasons] == ["refund"]


@pytest.mark.parametrize(
    ("first", "second", "region"),
    [
        pytest.param({"region": "440000"}, {"order_region": "110000"}, "440000", id="a surer source is not replaced"),
        pytest.param({"order_region": "110000"}, {"region": "广东"}, "440000", id="a surer source replaces"),
        pytest.param({"region": "440000"}, {"region": "450000"}, "450000", id="of equals the newest"),
        pytest.param({"region": "440000"}, {"region": "Mars"}, "440000", id="nonsense names no place"),
    ],
)
def test_the_surest_region_of_a_conversation_wins(first, second, region):
    """What is known about where only gets better."""
    story = Story()
    story.call(0, None, **first)
    story.call(SECOND, None, **second)
    assert story.row.region == region


def test_evidence_is_bounded():
    """A hundred complaints leave a row of bounded size, and the strongest stays."""
    story = Story()
    story.call(0, REGULATOR)
    for number in range(100):
        story.call(number * SECOND, COMPLAINS if number % 2 else DISPLEASED)
    assert len(story.row.traces) == 24
    assert story.level is Level.HIGH_RISK


@pytest.mark.parametrize(
    ("event", "channel"),
    [
        pytest.param(utterance(1), ChannelClass.VOICE, id="call"),
        pytest.param(utterance(1, channel=CallChannel.VIDEO), ChannelClass.VOICE, id="video call"),
        pytest.param(message(1), ChannelClass.CHAT, id="chat"),
        pytest.param(message(1, channel=ChatChannel.EMAIL), ChannelClass.EMAIL, id="e-mail"),
    ],
)
def test_channel_classes(event, channel):
    """Channels are told apart by class."""
    story = Story()
    story.take(event, COMPLAINS)
    assert story.on(ALERTS)[0].channel is channel


def test_a_lifecycle_event_names_the_agent():
    """Who took the call over is known before anybody says a word."""
    story = Story()
    story.take(call_phase(1, CallPhase.TRANSFERRED, agent_id="a9", queue="q"))
    story.call(SECOND, COMPLAINS)
    alert = story.on(ALERTS)[0]
    assert (alert.agent_id, alert.queue) == ("a9", "q")


def test_a_clock_that_is_ahead_leaves_nobody_unknown():
    """The switchboard's clock is half a minute ahead: what it does not tell is taken from whoever tells it."""
    story = Story()
    story.take(call_phase(1, CallPhase.CONNECTED, 30 * SECOND))
    story.call(20 * SECOND, SELF_HARM, region="310000", customer_key="k1", agent_id="a1", queue="q1")
    (alert,) = story.on(ALERTS)
    assert (alert.region, alert.agent_id, alert.queue, alert.customer_key) == ("310000", "a1", "q1", "k1")
    assert [hint.agent_id for hint in story.on(HINTS)] == ["a1"]
    story.call(10 * SECOND, region="440000", agent_id="a2")
    assert (story.row.region, story.row.agent_id) == ("310000", "a1"), "what is known only a newer event changes"


def test_what_somebody_said_does_not_fade_by_another_s_clock():
    """An agent's desktop is 25 minutes ahead: the customer's words count as if it were not."""
    scores = []
    for ahead_ms in (0, 25 * MINUTE):
        story = Story()
        story.chat(ahead_ms, role=Role.AGENT)
        for number in range(3):
            story.chat(20 * SECOND * (number + 1), DISPLEASED)
        scores.append((story.level, story.score))
    assert scores[0] == scores[1]
    assert scores[0][0] is not Level.NONE


@pytest.mark.parametrize("change", [{"edited": True, "text": "请问怎么退货呀"}, {"deleted": True, "text": ""}])
def test_an_old_message_that_is_edited_or_deleted_opens_no_episode(change):
    """It left no trace, and it is no sign of life: no second contact, no second alarm."""
    story = Story()
    story.chat(0, customer_key="k1", message_id="old")
    story.chat(SECOND, REGULATOR, customer_key="k1")
    story.take(message(90, 2 * 60 * MINUTE, message_id="old", customer_key="k1", **change))
    assert story.row.episode == 1
    assert story.level is Level.HIGH_RISK

"""From an answer to its figures, by region, product and touchpoint; comments are read, reviews wait for an answer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kpis.measure import mean
from schemas.alerts import Alert
from schemas.chats import ChatChannel, ChatMessage
from schemas.feedback import FeedbackJudgement
from schemas.kpis import Kpi, KpiHour
from schemas.tagged import Sentiment, Tag
from schemas.vocabulary import AlertKind, ChannelClass, Level
from tests.support.feedback import HOUR, MINUTE, SECOND, Voice, answer, review


def test_an_answer_is_told_of_its_region_product_and_touchpoint():
    """Within ten seconds the counts are on their way, and within a minute the hour is published."""
    voice = Voice()
    voice.take(answer(1, "nps", 9, product="p-1"), answer(2, "nps", 3, region="110000"))
    voice.tick(10 * SECOND, MINUTE)
    assert mean(voice.hour("all").measures[Kpi.NPS]) == 0
    assert mean(voice.hour("region:440000").measures[Kpi.NPS]) == 1
    assert mean(voice.hour("region:110000").measures[Kpi.NPS]) == -1
    assert voice.hour("product:p-1").measures[Kpi.NPS].buckets == {"9": 1}
    assert voice.hour("touchpoint:sms").measures[Kpi.NPS].n == 2
    assert not voice.hour("all").is_closed


def test_an_hour_is_closed_and_corrected():
    """After its end and two minutes it is final; what comes late is told under a higher version."""
    voice = Voice()
    voice.take(answer(1, "csat", 5))
    voice.tick(10 * SECOND, MINUTE, HOUR + 2 * MINUTE)
    closed = voice.hour("all")
    assert (closed.is_closed, closed.version, closed.measures[Kpi.CSAT].n) == (True, 2, 1)
    voice.take(answer(2, "csat", 1, occurred_at=closed.hour_start + 5))
    voice.tick(HOUR + 3 * MINUTE, HOUR + 4 * MINUTE)
    late = voice.hour("all")
    assert (late.is_closed, late.version, late.measures[Kpi.CSAT].n) == (True, 3, 2)


def test_the_same_answer_counts_once():
    """Delivery is at least once, under the same event id or a new one."""
    voice = Voice()
    voice.take(answer(1, "ces", 4), answer(1, "ces", 4), answer(1, "ces", 4, event_id="again"))
    voice.tick(10 * SECOND, MINUTE)
    assert voice.hour("all").measures[Kpi.CES].n == 1
    assert len(voice.of(FeedbackJudgement)) == 1


def test_a_comment_is_read_like_a_message():
    """It becomes a conversation of its own, is tagged, and raises an alert; its answer says sentiment and topics."""
    voice = Voice("conversations")
    voice.take(answer(1, "csat", 1, comment="退款一个月没到账，我要投诉你们"))
    (message,) = voice.of(ChatMessage)
    assert (message.channel, message.conversation_id) == (ChatChannel.FEEDBACK, "feedback:survey:r1")
    (tag,) = voice.of(Tag)
    assert (tag.level, tag.channel, tag.region) == (Level.EXPLICIT, ChannelClass.FEEDBACK, "440000")
    assert [alert.kind for alert in voice.of(Alert)] == [AlertKind.LEVEL_RISE]
    (judgement,) = voice.of(FeedbackJudgement)
    assert (judgement.sentiment, judgement.level) == (Sentiment.NEGATIVE, Level.EXPLICIT)
    assert judgement.reasons[0].l2 == "refund"
    assert "投诉" in judgement.evidence[0].text_masked
    voice.tick(10 * SECOND, MINUTE)
    measures = voice.hour("all").measures
    assert mean(measures[Kpi.SENTIMENT]) == -1
    assert mean(measures["topic.refund"]) == -1


def test_a_drill_moves_no_figure():
    """It is judged, and counted nowhere."""
    voice = Voice()
    voice.take(answer(1, "nps", 0, test="drill-1"))
    voice.tick(10 * SECOND, MINUTE)
    assert voice.of(FeedbackJudgement)
    assert not voice.of(KpiHour)


def test_an_unhappy_review_waits_a_day_for_its_answer():
    """One alert when the day is over, once; the answer resolves it and its waiting time is a figure."""
    voice = Voice()
    asked = review(1, 2)
    voice.take(asked, review(2, 5))
    voice.tick(24 * HOUR - SECOND)
    assert not voice.of(Alert)
    voice.tick(24 * HOUR, 24 * HOUR + SECOND, 25 * HOUR)
    (alert,) = voice.of(Alert)
    assert (alert.kind, alert.region, alert.tags) == (AlertKind.REVIEW_UNANSWERED, "440000", ("opened",))
    voice.take(review(1, 2, 26 * HOUR, event_id="f1-answered", answered_at=asked.occurred_at + 26 * HOUR))
    assert voice.of(Alert)[1].tags == ("resolved",)
    assert voice.of(Alert)[1].fingerprint == alert.fingerprint
    voice.tick(26 * HOUR + 10 * SECOND, 26 * HOUR + MINUTE)
    assert mean(voice.hour("all").measures[Kpi.REVIEW_ANSWER]) == 26 * 3600


def test_an_answer_in_time_is_no_matter():
    """Nobody is told."""
    voice = Voice()
    asked = review(1, 1)
    voice.take(asked, review(1, 1, HOUR, event_id="f1-answered", answered_at=asked.occurred_at + HOUR))
    voice.tick(24 * HOUR, 25 * HOUR)
    assert not voice.of(Alert)


@st.composite
def answers(draw):
    """Answers of several kinds and regions, repeats and edits among them."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(["nps", "csat", "ces"]))
        given_score = draw(st.integers(1, 5))
        comment = draw(st.sampled_from([None, "非常满意", "太失望了"]))
        region = draw(st.sampled_from(["440000", "110000"]))
        at_ms = draw(st.integers(0, 3)) * 30 * MINUTE
        changes = {"comment": comment, "region": region}
        if draw(st.booleans()):
            changes["event_id"] = f"again-{number}"
        found.append(answer(draw(st.integers(0, number)), kind, given_score, at_ms, **changes))
    return found


@settings(deadline=None, max_examples=25)
@given(answers(), st.integers(1, 5))
def test_where_batches_end_makes_no_difference(given_answers, most):
    """The same rows and the same records in the same order."""
    told = []
    for size in (1_000, most):
        voice = Voice()
        voice.take(*given_answers, most=size)
        voice.tick(2 * HOUR, 3 * HOUR, 3 * HOUR + MINUTE)
        told.append((voice.outputs, voice.rows()))
    assert told[0] == told[1]

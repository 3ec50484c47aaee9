"""Answers that are sent again: by another system under the same id, with a comment that came later, edited."""

import msgspec
import pytest

from pipeline.feedback.state import FeedbackRow, Taken, answer_key
from pipeline.rows import encode_row
from pipeline.runner import Incoming, Runner
from schemas import codec
from schemas.alerts import Alert
from schemas.chats import ChatMessage
from schemas.codec import Record
from schemas.feedback import FeedbackJudgement
from schemas.kpis import Kpi
from schemas.tagged import Sentiment
from schemas.topics import FEEDBACK
from schemas.vocabulary import AlertKind, Level
from tests.support.feedback import FEEDBACK_STAGE, HOUR, MINUTE, NOON_MS, SECOND, Voice, answer, review

DAY = 24 * HOUR
HIGH_RISK = "我要去12315举报你们，骗子商家"


def unanswered(voice: Voice) -> list[tuple[str, str]]:
    """What was told of reviews that wait: whose, and what became of it."""
    kind = AlertKind.REVIEW_UNANSWERED
    return [(each.fingerprint, each.tags[0]) for each in voice.of(Alert) if each.kind is kind]


def test_two_systems_may_use_one_id():
    """Each of two customers is heard: a conversation, an alert and a judgement of their own."""
    voice = Voice("conversations")
    voice.take(review(8, 1, source="tmall", comment=HIGH_RISK, event_id="t1", customer_key="k1"))
    voice.take(review(8, 1, MINUTE, source="jd", comment=HIGH_RISK, event_id="j1", customer_key="k2"))
    raised = [(each.conversation_id, each.level) for each in voice.of(Alert)]
    assert raised == [("feedback:tmall:r8", Level.HIGH_RISK), ("feedback:jd:r8", Level.HIGH_RISK)]
    assert [each.judgement_id for each in voice.of(FeedbackJudgement)] == ["feedback:tmall:r8", "feedback:jd:r8"]


def test_the_answer_to_one_review_is_not_the_answer_to_another():
    """Each clock has its own alert; who answers on one platform has said nothing on the other."""
    voice = Voice()
    voice.take(review(8, 1, source="tmall", event_id="t1"), review(8, 1, source="jd", event_id="j1"))
    voice.tick(DAY)
    opened = [("review_unanswered:tmall:r8", "opened"), ("review_unanswered:jd:r8", "opened")]
    assert sorted(unanswered(voice)) == sorted(opened)
    voice.take(review(8, 1, 25 * HOUR, source="tmall", event_id="t2", answered_at=NOON_MS + 25 * HOUR))
    assert unanswered(voice)[2:] == [("review_unanswered:tmall:r8", "resolved")]
    assert len({each.alert_id for each in voice.of(Alert)}) == 3


def test_a_comment_that_comes_later_is_read():
    """The score first, the words five minutes after it; the score is counted once."""
    voice = Voice("conversations")
    voice.take(answer(1, "nps", 2))
    voice.take(answer(1, "nps", 2, 5 * MINUTE, event_id="f1b", comment="再不处理我就去12315投诉，我要曝光你们"))
    assert [(each.kind, each.level) for each in voice.of(Alert)] == [(AlertKind.LEVEL_RISE, Level.HIGH_RISK)]
    first, second = voice.of(FeedbackJudgement)
    assert (first.judgement_id, first.sentiment) == (second.judgement_id, None)
    assert (second.value, second.sentiment, second.level) == (-1, Sentiment.NEGATIVE, Level.HIGH_RISK)
    voice.tick(10 * SECOND, MINUTE)
    assert voice.hour("all").measures[Kpi.NPS].n == 1


@pytest.mark.parametrize(
    ("changes", "judgements", "messages"),
    [
        pytest.param({"event_id": "new"}, 1, 1, id="the same under a new event id"),
        pytest.param({"comment": "很差，退货", "stars": 1.0}, 1, 1, id="an event that was read before"),
        pytest.param({"event_id": "new", "comment": None, "stars": None}, 1, 1, id="nothing but the answer"),
        pytest.param({"event_id": "new", "comment": " 很好 "}, 1, 1, id="blanks around"),
        pytest.param({"event_id": "new", "comment": "很好，追评"}, 2, 2, id="other words"),
        pytest.param({"event_id": "new", "stars": 1.0}, 2, 1, id="other stars"),
    ],
)
def test_what_is_news(changes, judgements, messages):
    """A repeat does nothing; what differs is judged, and words that differ are sent on."""
    voice = Voice()
    voice.take(review(1, 5, comment="很好"))
    again = msgspec.structs.replace(review(1, 5, HOUR, comment="很好"), **changes)
    voice.take(again)
    voice.take(again)
    assert (len(voice.of(FeedbackJudgement)), len(voice.of(ChatMessage))) == (judgements, messages)
    assert len({each.message_id for each in voice.of(ChatMessage)}) == messages


def test_the_first_version_delivered_once_more_is_no_edit():
    """Delivery is at least once: after an edit, the event before it changes nothing back."""
    voice = Voice()
    first, edit = review(1, 5, comment="很好"), review(1, 1, HOUR, event_id="f1b", comment="太失望了")
    voice.take(first, edit, first, edit)
    assert [each.value for each in voice.of(FeedbackJudgement)] == [5, 1]
    voice.tick(DAY, DAY + HOUR)
    assert len(unanswered(voice)) == 1


def test_a_review_edited_to_one_star_waits_from_its_edit():
    """A day after the edit, not after the first version."""
    voice = Voice()
    voice.take(review(1, 5), review(1, 1, 3 * HOUR, event_id="f1b"))
    voice.tick(DAY + 3 * HOUR - SECOND)
    assert unanswered(voice) == []
    voice.tick(DAY + 3 * HOUR)
    assert unanswered(voice) == [("review_unanswered:survey:r1", "opened")]


def test_a_review_edited_to_five_stars_waits_no_more():
    """The alert that was told is resolved; and it may open again, as another alert."""
    voice = Voice()
    voice.take(review(1, 1))
    voice.tick(DAY)
    voice.take(review(1, 5, 25 * HOUR, event_id="f1b"))
    voice.take(review(1, 2, 26 * HOUR, event_id="f1c"))
    voice.tick(51 * HOUR)
    assert [change for _, change in unanswered(voice)] == ["opened", "resolved", "opened"]
    assert len({each.alert_id for each in voice.of(Alert)}) == 3


def test_who_complains_after_the_answer_waits_again():
    """The earlier answer, sent along with the edit, is none to it; the next one is, and makes no second figure."""
    voice = Voice()
    answered = {"answered_at": NOON_MS + HOUR}
    voice.take(review(1, 2, comment="送得慢"))
    voice.take(review(1, 2, HOUR, event_id="f1b", comment="送得慢", **answered))
    voice.take(review(1, 1, 2 * HOUR, event_id="f1c", comment="太失望了", **answered))
    voice.tick(DAY + 2 * HOUR)
    voice.take(review(1, 1, 27 * HOUR, event_id="f1d", comment="太失望了", answered_at=NOON_MS + 27 * HOUR))
    assert [change for _, change in unanswered(voice)] == ["opened", "resolved"]
    voice.tick(27 * HOUR + 10 * SECOND, 27 * HOUR + MINUTE)
    assert voice.hour("all").measures[Kpi.REVIEW_ANSWER].n == 1


def test_a_review_without_stars_is_not_the_worst():
    """0 stars are none: praise stays praise, and nobody is told after a day."""
    voice = Voice()
    voice.take(review(1, 0, comment="非常满意，推荐"))
    (judgement,) = voice.of(FeedbackJudgement)
    assert (judgement.value, judgement.sentiment) == (None, Sentiment.POSITIVE)
    voice.tick(DAY, DAY + HOUR)
    assert unanswered(voice) == []


def test_rows_of_an_older_tocsin_are_read():
    """They know neither source nor words: nothing is read twice, and the alert is resolved that they opened."""
    old = FeedbackRow(taken=Taken("r1", NOON_MS, is_review=True, is_unhappy=True, is_overdue=True, region="440000"))
    assert b"source" not in encode_row(old)
    store = FEEDBACK_STAGE.new_store()
    store.load([(answer_key("survey", "r1"), encode_row(old))])
    store.loaded(now_ms=NOON_MS)
    runner = Runner([FEEDBACK_STAGE], partition_of=lambda key: 0)
    runner.stores["feedback", 0] = store
    events = [
        review(1, 1, HOUR, event_id="f1b", comment=HIGH_RISK),
        review(1, 1, 2 * HOUR, event_id="f1c", answered_at=NOON_MS + 2 * HOUR),
        review(1, 1, 3 * HOUR, event_id="f1d", comment="还是没有人管，投诉"),
    ]
    fed = [Incoming(FEEDBACK, 0, Record(0, each.occurred_at, b"", codec.encode(each))) for each in events]
    outputs = [output.value for output in runner.feed(fed)]
    told = [(each.fingerprint, each.tags) for each in outputs if isinstance(each, Alert)]
    assert told == [("review_unanswered:r1", ("resolved",))]
    assert [each.text for each in outputs if isinstance(each, ChatMessage)] == ["还是没有人管，投诉"]

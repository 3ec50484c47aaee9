"""A dialogue explained turn by turn says what the pipeline says of it, and its sums come out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.conversation.course import course_of, is_read, whole
from pipeline.conversation.heard import hear_events
from pipeline.conversation.lookups import Lookups, lookups_of_pack
from pipeline.conversation.state import Conversation
from pipeline.conversation.step import step
from pipeline.conversation.turns import levels_of_turns, turn_event
from pipeline.rules.load import DEFAULT_PACK, load_pack
from pipeline.tagging import Tagger
from schemas.alerts import Alert
from schemas.vocabulary import AlertKind, Level, Role

TAGGER = Tagger(load_pack(DEFAULT_PACK))
LOOKUPS = lookups_of_pack(TAGGER.pack)
SAID = (
    "怎么还没发货", "我要投诉", "算了不投诉了，谢谢", "再不处理我就打12315", "好的", "你这什么态度",
    "我要退款，麻烦处理一下", "非常抱歉", "您可以投诉，我们也没办法", "问题解决了", "一直没有人联系我", "你们太慢了",
    "\ud83d", "你们的质量太差了", "真让人失望", "没办法", "不知道",
)  # fmt: skip
TURNS = st.lists(st.tuples(st.sampled_from(SAID), st.sampled_from([Role.CUSTOMER, Role.AGENT, Role.BOT])), max_size=8)


@settings(max_examples=150, deadline=None)
@given(turns=TURNS)
def test_it_agrees_with_the_fold_and_its_parts_add_up(turns):
    """Level and score after each turn are those of `tocsin tag`; the parts add up to the score."""
    texts, roles = [text for text, _ in turns], [role for _, role in turns]
    course = course_of(texts, roles, TAGGER, LOOKUPS)
    found = [said if is_read(role) else None for said, role in zip(TAGGER.tag(texts, roles), roles, strict=True)]
    levels = levels_of_turns(found, roles, [whole(text) for text in texts], lookups=LOOKUPS)
    assert [(turn.level, turn.score) for turn in course] == levels.after
    assert [(turn.level, turn.score, [(each.kind, each.level) for each in turn.alerts]) for turn in course] == [
        *as_events([whole(text) for text in texts], roles)
    ]
    for turn in course:
        assert round(sum(part.points for part in turn.parts), 1) == turn.score
        assert all(0 <= int(part.utterance_id) <= turn.number for part in turn.parts if part.utterance_id)


def as_events(texts, roles):
    """Level, score and alerts after each turn, as a worker reads the same turns."""
    events = [turn_event(number, role, text) for number, (text, role) in enumerate(zip(texts, roles, strict=True))]
    row: Conversation | None = None
    for event, said in zip(events, hear_events(events, reader=TAGGER), strict=True):
        row, outputs = step(row, event, said, lookups=LOOKUPS, emitted_at_ms=event.occurred_at)
        alerts = [output.value for output in outputs if isinstance(output.value, Alert)]
        yield row.level, row.score, [(alert.kind, alert.level) for alert in alerts]


def test_a_doubtful_word_is_forbidden_after_a_complaint():
    """没办法 of an agent makes it worse, as for a worker; of a bot nobody reads it, and nothing is marked."""
    texts = ["你们的质量太差了", "真让人失望", "没办法"]
    for role, level, marks in ((Role.AGENT, Level.EXPLICIT, 1), (Role.BOT, Level.POTENTIAL, 0)):
        course = course_of(texts, [Role.CUSTOMER, Role.CUSTOMER, role], TAGGER, LOOKUPS)
        assert course[-1].level is level
        assert (len(course[-1].said.marks), len(course[-1].alerts)) == (marks, marks)
        assert (course[-1].said.finding is None) is (role is Role.BOT)


def test_a_rise_is_told_where_it_happens():
    """Alerts stand at the turn that raised them, and a text without a sign has none."""
    course = course_of(["你好", "我要投诉", "再不处理我就打12315"], [Role.CUSTOMER] * 3, TAGGER, Lookups())
    told = [[(alert.kind, alert.level) for alert in turn.alerts] for turn in course]
    assert told[0] == []
    assert told[1] == [(AlertKind.LEVEL_RISE, Level.EXPLICIT)]
    assert (AlertKind.LEVEL_RISE, Level.HIGH_RISK) in told[2]


@pytest.mark.parametrize("text", ["我的电话是13812345678，我要投诉"])
def test_texts_are_masked(text):
    """An explanation may be sent around."""
    (turn,) = course_of([text], [Role.CUSTOMER], TAGGER, Lookups())
    assert "13812345678" not in repr(turn)

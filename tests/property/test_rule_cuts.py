"""Rules over a conversation: however the log is cut, and whatever comes twice, the same rules fire; rows stay small."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.conversation.fold import fold
from pipeline.conversation.heard import hear_events
from pipeline.conversation.lookups import Lookups, severities_of
from pipeline.conversation.state import Conversation
from pipeline.rows import Store, encode_row
from pipeline.rules.load import DEFAULT_PACK, parse_pack
from pipeline.stage import Batch, Output
from pipeline.tagging import Tagger
from pipeline.watches.followed import followed_rules
from pipeline.watches.nature import RULE
from schemas.calls import CallPhase
from schemas.codec import Record
from schemas.topics import UTTERANCES
from schemas.vocabulary import Role
from tests.support import conversations as made
from tests.support.conversations import SECOND
from tests.support.pages import blocks

SHIPPED = [(path.name, path.read_bytes()) for path in sorted(DEFAULT_PACK.glob("*.yaml"))]
RULES = "rules:\n" + "".join(
    block.text.partition("rules:\n")[2]
    for block in blocks("yaml")
    if block.about == "rules" and block.page.name == "rule-language.md"
)
COLLECTIONS = "collections:\n  refund: [退款, 退钱]\n  sorry: [抱歉, 不好意思]\n"
PACK = parse_pack([*SHIPPED, ("docs.yaml", (COLLECTIONS + RULES).encode())])
TAGGER = Tagger(PACK)
LOOKUPS = Lookups(severities=severities_of(PACK), followed=followed_rules(PACK.rules), rules_version="r1")
TEXTS = {
    Role.CUSTOMER: ["嗯", "我要退款", "道歉没用", "我催了几次", "等着差评吧", "那算了", "能不能快点", "算了不投诉了"],
    Role.AGENT: ["好的", "您好", "非常抱歉", "请稍等", "我保证今天到", "这个我尽量吧"],
}


def _event(draw: st.DrawFn, number: int) -> Any:
    at_ms = (number * 5 + draw(st.sampled_from([0, 0, 1, 29, 31, 61, 130, 2_000, 20_000]))) * SECOND
    conversation_id = draw(st.sampled_from(["c1", "c2"]))
    if draw(st.integers(0, 9)) == 0:
        return made.call_phase(number, draw(st.sampled_from(CallPhase)), at_ms, conversation_id=conversation_id)
    role = draw(st.sampled_from([Role.CUSTOMER, Role.CUSTOMER, Role.AGENT]))
    revision = draw(st.sampled_from([0, 0, 1]))
    return made.utterance(
        number,
        at_ms,
        conversation_id=conversation_id,
        utterance_id=f"u{draw(st.integers(0, 5))}" if revision else f"n{number}",
        revision=revision,
        is_final=draw(st.integers(0, 5)) > 0,
        role=role,
        text=draw(st.sampled_from(TEXTS[role])),
        queue="vip",
        silence_before_ms=draw(st.sampled_from([None, 0, 8_000])),
        overlap_ms=draw(st.sampled_from([None, 1_500])),
        volume_db=draw(st.sampled_from([None, 75.0])),
    )


@st.composite
def logs(draw: st.DrawFn) -> list[Any]:
    """Two calls interleaved, in any order of time."""
    return [_event(draw, number) for number in range(draw(st.integers(1, 25)))]


def run(events: list[Any], cuts: set[int]) -> tuple[list[Output], dict[bytes, bytes]]:
    """Fold a log cut at the given places; every batch reads its rows back from the changelog's bytes."""
    changelog: dict[bytes, bytes] = {}
    outputs: list[Output] = []
    borders = [0, *sorted(cut for cut in cuts if 0 < cut < len(events)), len(events)]
    for start, end in pairwise(borders):
        store: Store[Conversation] = Store(Conversation)
        store.load(changelog.items())
        store.loaded(now_ms=0)
        records = [Record(place, events[place].occurred_at + 7, None, b"") for place in range(start, end)]
        said = hear_events(events[start:end], reader=TAGGER)
        effects = fold(Batch(UTTERANCES, 0, events[start:end], records, said), store, lookups=LOOKUPS)
        outputs += effects.outputs
        changelog |= {key: encode_row(row) for key, row in effects.changes.items()}
    return outputs, changelog


@settings(deadline=None)
@given(logs(), st.sets(st.integers(1, 25)))
def test_where_batches_end_makes_no_difference(events, cuts):
    """The same rows, byte for byte, and the same records in the same order."""
    assert run(events, cuts) == run(events, set())


@settings(deadline=None)
@given(logs(), st.data())
def test_repeats_change_nothing(events, data):
    """Delivery is at least once: an event that comes again waits for nothing and answers nothing."""
    repeated = list(events)
    for _ in range(data.draw(st.integers(1, 5))):
        source = data.draw(st.integers(0, len(repeated) - 1))
        repeated.insert(data.draw(st.integers(source + 1, len(repeated))), repeated[source])
    outputs, rows = run(repeated, {3, 7})
    once_outputs, once_rows = run(events, set())
    assert rows == once_rows
    assert [output.value.record_id() for output in outputs] == [output.value.record_id() for output in once_outputs]


@settings(deadline=None)
@given(logs())
def test_records_are_sound_and_rows_stay_small(events):
    """Every id is unique, every record fits its type, and no conversation grows beyond its bounds."""
    outputs, rows = run(events, set())
    ids = [output.value.record_id() for output in outputs]
    assert len(ids) == len(set(ids))
    for output in outputs:
        assert msgspec.json.decode(msgspec.json.encode(output.value), type=type(output.value)) == output.value
    assert all(len(encoded) < 40_000 for encoded in rows.values())


def _told(number: int, at_seconds: int, who: Role, text: str, **changes: Any) -> Any:
    return made.utterance(number, at_seconds * SECOND, role=who, text=text, **changes)


STORY = [
    _told(1, 0, Role.AGENT, "喂您好"),
    _told(2, 5, Role.CUSTOMER, "我的快递到哪里了啊"),
    _told(3, 10, Role.CUSTOMER, "我要退款"),
    _told(4, 15, Role.CUSTOMER, "我的快递到哪里了"),
    _told(5, 20, Role.AGENT, "您的还在路上", silence_before_ms=8_000),
    _told(6, 25, Role.CUSTOMER, "我的快递到哪里了啊"),
    _told(7, 75, Role.AGENT, "您请讲"),
    _told(8, 80, Role.CUSTOMER, "那算了"),
    made.call_phase(9, CallPhase.ENDED, 85 * SECOND),
]
FIRES = {"time_hold_notice", "refund_unheard", "time_repeats", "place_last", "place_every"}


@pytest.mark.parametrize("cut", range(len(STORY)))
def test_a_story_fires_the_same_rules_at_every_cut(cut):
    """The properties above are worth nothing where nothing fires."""
    outputs, rows = run(STORY, {cut})
    fired = {
        part.rule.removeprefix(RULE)
        for output in outputs
        for part in getattr(output.value, "evidence", ())
        if part.rule.startswith(RULE)
    }
    assert fired >= FIRES
    assert (outputs, rows) == run(STORY, set())

"""A pack that is pushed while a conversation runs: what the one before remembered counts as far as it asks the same."""

import msgspec
import pytest

from pipeline.conversation.heard import hear
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.step import step
from pipeline.conversation.trial import events_of
from pipeline.tagging import Tagger
from pipeline.watches.followed import followed_rules
from pipeline.watches.state import EveryTurn, Watched
from schemas.tagged import Tag
from tests.support.made_rules import pack_with


def fired_at(before: str, after: str, turns: str, *, pushed_before: int = 1) -> list[str]:
    """The events at which the rule fired; the second pack judges from the turn with this number on."""
    row, fired = None, []
    packs = [
        pack_with(
            f"rules:\n  own:\n    zh: 规则\n{rule}\n    then: {{tag: own}}\n"
            f"    examples: [{{ended: true, turns: [{turns}]}}]\n"
        )
        for rule in (before, after)
    ]
    judges = [(Tagger(pack), Lookups(followed=followed_rules(pack.rules))) for pack in packs]
    (rule,) = [rule for rule in packs[0].rules if rule.id == "own"]
    for number, event in enumerate(events_of(rule, rule.examples[0])):
        tagger, lookups = judges[number >= pushed_before]
        (said,) = hear([getattr(event, "text", "")], [getattr(event, "role", None)], tagger)
        row, outputs = step(row, event, said, lookups=lookups, emitted_at_ms=event.occurred_at)
        tags = [output.value for output in outputs if isinstance(output.value, Tag)]
        fired += [event.event_id for tag in tags if any(part.rule == "rule.own" for part in tag.evidence)]
    return fired


def both(word: str, name: str = "a") -> str:
    """A word anywhere in the conversation, and a bridge in this turn."""
    return f"    conditions: {{{name}: {{any: [{word}], in: conversation}}, b: {{any: [青山绿水桥]}}}}"


@pytest.mark.parametrize(
    ("before", "after", "fired"),
    [
        pytest.param(both("小猫咪"), both("小猫咪"), ["turn-1"], id="the same rule"),
        pytest.param(both("小猫咪"), both("小猫咪", "z"), ["turn-1"], id="under another name"),
        pytest.param(both("小猫咪"), both("大老虎"), [], id="another word under the same name"),
    ],
)
def test_what_was_remembered_is_of_what_was_asked(before, after, fired):
    """A rule that has changed under its name has not been met by what met the old one."""
    assert fired_at(before, after, "{customer: 我家有小猫咪呢}, {customer: 这里是青山绿水桥}") == fired


def unheard(word: str) -> str:
    """The agent does not say a word within half a minute of a leak."""
    return (
        f"    conditions: {{x: {{any: [漏水]}}, y: {{by: agent, any: [{word}]}}, "
        "a: {not_said: y, after: x, within_seconds: 30}}\n    when: a"
    )


@pytest.mark.parametrize(
    ("after", "fires"),
    [
        pytest.param(unheard("抱歉"), True, id="the same rule"),
        pytest.param(unheard("师傅"), False, id="another answer"),
    ],
)
def test_nobody_waits_for_what_another_pack_asked(after, fires):
    """A wait that the old pack began ends in vain for the rule that began it alone."""
    turns = "{customer: 厨房漏水了}, {agent: 您好, at: 20}, {agent: 在的, at: 60}"
    assert bool(fired_at(unheard("抱歉"), after, turns)) is fires


def never(word: str) -> str:
    """A word that no turn of the agent holds."""
    return f"    conditions: {{a: {{by: agent, none: [{word}], in: conversation, every: true}}}}"


@pytest.mark.parametrize(
    ("after", "pushed_before", "fires"),
    [
        pytest.param(never("不行"), 1, True, id="the same rule"),
        pytest.param(never("办好"), 0, True, id="another rule before the first turn"),
        pytest.param(never("办好"), 1, False, id="another rule after the first turn"),
    ],
)
def test_of_every_turn_nobody_can_tell_who_came_later(after, pushed_before, fires):
    """What was said before the pack came was not asked for: it may well have been there."""
    turns = "{customer: 在吗}, {agent: 您好}, {agent: 好的}"
    assert bool(fired_at(never("不行"), after, turns, pushed_before=pushed_before)) is fires


def unsaid(who: str) -> str:
    """Nobody says good day within half a minute of the start."""
    return (
        f"    conditions: {{x: {{by: {who}, any: [您好]}}, a: {{not_said: x, after: start, within_seconds: 30}}}}\n"
        "    when: a"
    )


@pytest.mark.parametrize("who", ["agent", "any"])
@pytest.mark.parametrize(
    ("before", "pushed_before", "fires"),
    [
        pytest.param("    conditions: {a: {any: [青山绿水桥]}}", 0, True, id="before the first turn"),
        pytest.param("    conditions: {a: {any: [青山绿水桥]}}", 1, False, id="after it, where no rule was followed"),
        pytest.param(both("小猫咪"), 2, False, id="after two that met nothing"),
    ],
)
def test_who_comes_later_does_not_know_what_was_said_at_the_start(who, before, pushed_before, fires):
    """A running conversation that met no condition yet is no new one: somebody may well have said it."""
    turns = "{agent: 请讲}, {customer: 查账单}, {agent: 好的, at: 65}"
    assert bool(fired_at(before, unsaid(who), turns, pushed_before=pushed_before)) is fires


def test_a_row_of_the_release_before_is_read():
    """Its conditions have other names, which no rule asks for, and its turns were asked."""
    row = msgspec.msgpack.encode({"every": [{"key": "own/a", "failed": ["u1"]}], "said": []})
    assert msgspec.msgpack.decode(row, type=Watched).every == (EveryTurn("own/a", ("u1",), has_turns=True),)

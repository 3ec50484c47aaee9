"""Rules along whole calls and chats: an end is judged once, a start is the agent's, turns stay in their place."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from pipeline.conversation.fold import fold
from pipeline.conversation.heard import hear_events
from pipeline.conversation.lookups import Lookups, severities_of
from pipeline.conversation.state import Conversation
from pipeline.quality.checks import ServiceBook
from pipeline.quality.sample import Sample
from pipeline.rows import Store
from pipeline.stage import Batch, Output
from pipeline.tagging import Tagger
from pipeline.watches.followed import followed_rules
from schemas.calls import CallPhase
from schemas.chats import ChatChannel, ChatPhase
from schemas.codec import Record
from schemas.quality import ServiceFinding, ServiceSummary
from schemas.tagged import Tag
from schemas.topics import MESSAGES, UTTERANCES
from schemas.vocabulary import Role
from tests.support import conversations as made
from tests.support.conversations import HOUR, MINUTE, SECOND
from tests.support.made_rules import pack_with

CUSTOMER, AGENT, BOT = Role.CUSTOMER, Role.AGENT, Role.BOT
CHECK = "{check: own_check, severity: major}"
_EPOCH = -made.NOON_MS // SECOND
GREETS = "greets: {by: agent, any: [您好]}, a: {not_said: greets, after: start, within_seconds: 30}"
ASKS = "asks: {any: [发票]}, sorry: {by: agent, any: [已开具]}"
BYE = "bye: {by: agent, any: [再见]}, a: {not_said: bye, before: end, within_seconds: 30}"


@cache
def at_work(conditions: str, then: str = CHECK) -> tuple[Tagger, Lookups]:
    """One rule with these conditions, beside the shipped pack."""
    pack = pack_with(f"rules: {{own: {{zh: 规则, conditions: {{{conditions}}}, when: a, then: {then}}}}}\n")
    return Tagger(pack), Lookups(
        severities=severities_of(pack), followed=followed_rules(pack.rules), service=ServiceBook.of(pack, Sample())
    )


def play(conditions: str, *events: Any, then: str = CHECK) -> list[tuple[int, Output]]:
    """Everything that goes out, each with the number of the event that made it."""
    tagger, lookups = at_work(conditions, then)
    store: Store[Conversation] = Store(Conversation)
    told: list[tuple[int, Output]] = []
    for number, event in enumerate(events):
        topic = MESSAGES if type(event).__name__.startswith("Chat") else UTTERANCES
        records = [Record(0, event.occurred_at + 200, None, b"")]
        batch = Batch(topic, 0, [event], records, hear_events([event], reader=tagger))
        effects = fold(batch, store, lookups=lookups)
        store.apply(effects.changes, now_ms=0)
        told += [(number, output) for output in effects.outputs]
    return told


def tagged(told: list[tuple[int, Output]]) -> list[int]:
    """The events at which the rule fired."""
    return [
        number
        for number, output in told
        if isinstance(output.value, Tag) and any(part.rule == "rule.own" for part in output.value.evidence)
    ]


def findings(told: list[tuple[int, Output]]) -> list[ServiceFinding]:
    """The findings that the rule made."""
    values = [output.value for _, output in told]
    return [value for value in values if isinstance(value, ServiceFinding) and value.check == "own_check"]


def call(*turns: Any) -> list[Any]:
    """Turns of a call as (seconds, who, text) and more fields; phases as (seconds, phase)."""
    return [_event(number, turn, made.utterance, made.call_phase, "utterance_id") for number, turn in enumerate(turns)]


def chat(*turns: Any) -> list[Any]:
    """The same in a chat."""
    return [_event(number, turn, made.message, made.chat_phase, "message_id") for number, turn in enumerate(turns)]


def _event(number: int, turn: Any, says: Callable[..., Any], phase: Callable[..., Any], name: str) -> Any:
    seconds, who, *rest = turn
    at_ms = int(seconds * SECOND)
    if isinstance(who, CallPhase | ChatPhase):
        return phase(number, who, at_ms)
    text, *more = rest
    changes = dict(more[0]) if more else {}
    if "again" in changes:
        changes[name] = changes.pop("again")
    return says(number, at_ms, role=who, text=text, **changes)


ENDED = CallPhase.ENDED


@pytest.mark.parametrize(
    ("conditions", "then"),
    [
        pytest.param("a: {by: agent, none: [再见], in: conversation, every: true}", CHECK, id="every turn"),
        pytest.param(BYE, CHECK, id="not said before the end"),
        pytest.param("a: {any: [那算了], in: {last_turns: 3}}", "{tag: own}", id="the last turns"),
    ],
)
def test_an_end_is_judged_once(conditions, then):
    """However often a switch reports it, and whatever a recogniser still sends."""
    told = play(
        conditions,
        *call((0, CUSTOMER, "查账单"), (5, AGENT, "查到了"), (8, CUSTOMER, "那算了"), (20, ENDED), (20.3, ENDED)),
        *[made.utterance(10, 12 * SECOND, text="那好吧"), made.utterance(11, 14 * SECOND, role=AGENT, text="嗯")],
        made.call_phase(12, CallPhase.ALIVE, 20 * SECOND),
        then=then,
    )
    assert tagged(told) == [3]
    assert len(findings(told)) == (then == CHECK)


def test_what_is_heard_after_the_end_still_counts():
    """The last words of a call come after its end, as a rule: they fire where nothing had fired, once."""
    events = call((0, CUSTOMER, "查账单"), (9, ENDED), (8, CUSTOMER, "那算了"), (8.5, CUSTOMER, "那算了吧"))
    assert tagged(play("a: {any: [那算了], in: {last_turns: 2}}", *events, then="{tag: own}")) == [2]


@pytest.mark.parametrize(
    ("events", "fired"),
    [
        pytest.param(
            call((0, CallPhase.STARTED), (90, CallPhase.CONNECTED), (92, AGENT, "您好请讲"), (130, CUSTOMER, "查账单")),
            [],
            id="after the queue",
        ),
        pytest.param(call((0, CallPhase.STARTED), (40, ENDED)), [], id="given up in the queue"),
        pytest.param(
            chat(
                (0, CUSTOMER, "查物流"),
                (1, BOT, "请提供单号"),
                (120, CUSTOMER, "转人工"),
                (290, ChatPhase.HANDOVER),
                (300, AGENT, "您好请讲"),
                (340, CUSTOMER, "在吗"),
            ),
            [],
            id="after the bot",
        ),
        pytest.param(
            call((1, CUSTOMER, "喂"), (0, AGENT, "您好请问有什么可以帮您"), (40, AGENT, "好的")),
            [],
            id="heard second",
        ),
        pytest.param(
            call((5, AGENT, "喂"), (0, AGENT, "您好"), (40, AGENT, "好的")), [], id="heard after later words of theirs"
        ),
        pytest.param(
            call((0, CallPhase.STARTED), (92, AGENT, "喂"), (122, AGENT, "您好")), [], id="at the last moment"
        ),
        pytest.param(
            call((0, CallPhase.STARTED), (92, AGENT, "喂"), (122.1, AGENT, "您好")), [2], id="a moment too late"
        ),
        pytest.param(call((0, CUSTOMER, "喂"), (2, AGENT, "请讲"), (9, ENDED)), [2], id="never"),
        pytest.param(
            call((_EPOCH, AGENT, "您好"), (_EPOCH + 5, AGENT, "请讲"), (_EPOCH + 40, CUSTOMER, "喂")),
            [],
            id="at the beginning of time, where turns that are explained begin",
        ),
    ],
)
def test_a_start_that_an_agent_owes_begins_with_the_agent(events, fired):
    """Whoever was not there yet did not fail to greet."""
    assert tagged(play(GREETS, *events)) == fired


@pytest.mark.parametrize(
    ("seconds", "fires"), [pytest.param(122, True, id="in time"), pytest.param(123, False, id="too late")]
)
def test_what_an_agent_says_after_the_start_counts_from_the_same(seconds, fires):
    """`said` and `not_said` mean the same start."""
    soon = "offer: {by: agent, any: [会员]}, a: {said: offer, after: start, within_seconds: 30}"
    events = call((0, CallPhase.STARTED), (92, AGENT, "喂"), (seconds, AGENT, "办个会员吧"))
    assert bool(tagged(play(soon, *events, then="{tag: own}"))) is fires


MAIL = {"channel": ChatChannel.EMAIL}
HOURS = ASKS + ", a: {not_said: sorry, after: asks, within_seconds: 14400}"


@pytest.mark.parametrize(
    ("events", "fired"),
    [
        pytest.param(
            chat(
                (0, CUSTOMER, "请开发票", MAIL),
                (7200, AGENT, "您好，发票已开具", MAIL),
                (20_000, CUSTOMER, "谢谢", MAIL),
            ),
            [],
            id="answered after two hours",
        ),
        pytest.param(
            chat((0, CUSTOMER, "请开发票", MAIL), (7200, AGENT, "稍等", MAIL), (14_400, AGENT, "已开具", MAIL)),
            [],
            id="answered at the last moment",
        ),
        pytest.param(
            chat((0, CUSTOMER, "请开发票", MAIL), (7200, AGENT, "稍等", MAIL), (14_401, AGENT, "已开具", MAIL)),
            [2],
            id="answered a moment too late",
        ),
        pytest.param(
            chat((0, CUSTOMER, "请开发票", MAIL), (14_401, CUSTOMER, "在吗", MAIL), (90_000, CUSTOMER, "喂", MAIL)),
            [1],
            id="not answered",
        ),
    ],
)
def test_what_may_still_be_said_is_waited_for(events, fired):
    """A chat or a mail that goes quiet begins a new episode; the time of a rule goes on."""
    told = play(HOURS, *events)
    assert tagged(told) == fired
    assert len(findings(told)) == len(fired)


def test_an_episode_that_ended_in_silence_is_its_agents():
    """Its findings name who had it and stand in its summary, not in that of the day after."""
    told = play(
        BYE,
        *chat((0, CUSTOMER, "查账单"), (5, AGENT, "查到了", {"agent_id": "A7"}), (24 * 3600, CUSTOMER, "又来了")),
    )
    (finding,) = findings(told)
    (tag,) = [output.value for number, output in told if number == 2 and isinstance(output.value, Tag)]
    (summary,) = [output.value for _, output in told if isinstance(output.value, ServiceSummary)]
    assert (finding.agent_id, tag.agent_id, finding.started_at) == ("A7", "A7", made.NOON_MS)
    assert finding.finding_id in {each.finding_id for each in summary.findings}


AFTER_SORRY = "sorry: {by: agent, any: [抱歉]}, a: {any: [没用], in: {after: sorry, turns: 2, hit: -1}}"
SECONDS_AFTER = AFTER_SORRY.replace("turns: 2", "seconds: 60")
UNHEARD = "asks: {any: [退款]}, sorry: {by: agent, any: [抱歉]}, a: {not_said: sorry, after: asks, within_seconds: 60}"
FIRST = "a: {any: [监督电话], in: {first_turns: 2}}"
LAST = "a: {any: [那算了], in: {last_turns: 2}}"


@pytest.mark.parametrize(
    ("conditions", "events", "fired"),
    [
        pytest.param(
            AFTER_SORRY,
            call(
                (0, CUSTOMER, "道歉没用"),
                (5, AGENT, "非常抱歉"),
                (0, CUSTOMER, "道歉没用啊", {"again": "u0", "revision": 1}),
            ),
            [],
            id="corrected after the apology, said before it",
        ),
        pytest.param(
            FIRST,
            call(
                (0, CUSTOMER, "监督店话多少"),
                (5, AGENT, "请讲"),
                (7, CUSTOMER, "喂"),
                (0, CUSTOMER, "监督电话多少", {"again": "u0", "revision": 1}),
            ),
            [3],
            id="the first turn, corrected after the third",
        ),
        pytest.param(
            FIRST,
            call((0, CUSTOMER, "喂"), (5, AGENT, "请讲"), (7, CUSTOMER, "监督电话多少", {"revision": 2})),
            [],
            id="the third turn, final in its third version",
        ),
        pytest.param(
            LAST,
            call(
                (0, CUSTOMER, "那算了"),
                (5, AGENT, "再见"),
                (5, AGENT, "再见啊", {"again": "u1", "revision": 1}),
                (9, ENDED),
            ),
            [3],
            id="the last turn corrected",
        ),
        pytest.param(
            SECONDS_AFTER, call((10, AGENT, "非常抱歉"), (5, CUSTOMER, "道歉没用")), [], id="said before, heard after"
        ),
        pytest.param(
            SECONDS_AFTER, call((12, CUSTOMER, "道歉没用"), (10, AGENT, "非常抱歉")), [1], id="said after, heard before"
        ),
        pytest.param(
            AFTER_SORRY, call((12, CUSTOMER, "道歉没用"), (10, AGENT, "非常抱歉")), [1], id="the same, counted in turns"
        ),
        pytest.param(
            UNHEARD,
            chat(
                (0, CUSTOMER, "我要退款"),
                (5, AGENT, "非常抱歉"),
                (100, CUSTOMER, "我要退款!", {"again": "m0", "edited": True}),
                (200, CUSTOMER, "在吗"),
            ),
            [],
            id="a message that is edited long after its answer",
        ),
    ],
)
def test_a_turn_stays_where_it_was_said(conditions, events, fired):
    """Neither a correction nor a late arrival makes it a later one."""
    assert tagged(play(conditions, *events, then="{tag: own}")) == fired


HOLD = "notice: {by: agent, any: [稍等]}, quiet: {silence: {over_seconds: 5}}"
UNANNOUNCED = HOLD + ", a: {not_said: notice, before: quiet, within_seconds: 30}"
ANNOUNCED = HOLD + ", a: {by: agent, any: [稍等], in: {before: quiet, seconds: 30}}"


@pytest.mark.parametrize(
    ("notice_at", "has_notice"),
    [
        pytest.param(30, True, id="immediately before"),
        pytest.param(1, True, id="at the first moment"),
        pytest.param(0.5, False, id="too early"),
        pytest.param(60, False, id="in its midst"),
    ],
)
def test_a_silence_begins_before_the_turn_that_ends_it(notice_at, has_notice):
    """It took a minute, and the words after it two seconds: a notice belongs to its beginning, at 31 seconds."""
    found = {"silence_before_ms": MINUTE, "start_ms": 0, "end_ms": 2 * SECOND}
    events = call((notice_at, AGENT, "请稍等"), (93, AGENT, "查到了", found))
    assert bool(tagged(play(UNANNOUNCED, *events))) is not has_notice
    if notice_at < 31:
        assert bool(tagged(play(ANNOUNCED, *events, then="{tag: own}"))) is has_notice


def test_a_day_later_nothing_is_waited_for():
    """What ran out in the silence is of the episode that ended, and told of it once."""
    events = chat(
        (0, CUSTOMER, "请开发票"), (5 * HOUR // SECOND, CUSTOMER, "在吗"), (6 * HOUR // SECOND, CUSTOMER, "喂")
    )
    (finding,) = findings(play(HOURS, *events))
    assert finding.started_at == made.NOON_MS

"""The card of a promise: what was promised, until when, and what to do now."""

import pytest

from pipeline.cards.compose import Standing, compose
from pipeline.cards.draw import text_of
from pipeline.conversation.advice import AdviceBook
from schemas.alerts import PromiseAlert
from schemas.cards import Card
from schemas.incidents import ReasonCode
from schemas.promises import PromiseKind
from schemas.vocabulary import AlertKind, Level
from tests.support.alerts import HOUR, HOUR_START_MS, MINUTE, alert

DUE_MS = HOUR_START_MS + 28 * MINUTE  # 2025-11-21 12:28 in Beijing


def card(about: AlertKind, key: str, *, told: ReasonCode = ReasonCode.FIRST, **changes) -> Card:
    """The card of a call-back that was promised two hours before it is due."""
    fields = {"promise_id": "p1", "kind": PromiseKind.CALLBACK, "said_at": DUE_MS - 2 * HOUR, "due_at": DUE_MS}
    promise = PromiseAlert(key=key, **fields | changes)
    told_of = alert(1, kind=about, level=None, previous_level=None, reasons=(), promise=promise)
    return compose(told_of, Standing(told_because=told), advice=AdviceBook())


@pytest.mark.parametrize(
    ("kind", "key", "changes", "told"),
    [
        pytest.param(AlertKind.PROMISE_WARNING, "0.75", {}, "回电 · 11-21 12:28 到期 · 时间已用 75%", id="at 75 %"),
        pytest.param(AlertKind.PROMISE_WARNING, "0.9", {}, "回电 · 11-21 12:28 到期 · 时间已用 90%", id="at 90 %"),
        pytest.param(AlertKind.PROMISE, "broken", {}, "回电 · 11-21 12:28 已到期", id="broken"),
        pytest.param(
            AlertKind.PROMISE,
            "broken",
            {"kind": PromiseKind.REFUND, "is_vague": True},
            "退款 · 11-21 12:28 已到期 · 未说具体时间，按默认期限",
            id="no time was named",
        ),
    ],
)
def test_a_promise_is_told_with_its_kind_and_its_time(kind, key, changes, told):
    """A warning at 90 % is another card than the one at 75 %."""
    (found,) = (fact.value for fact in card(kind, key, **changes).facts if fact.name == "承诺")
    assert found == told


@pytest.mark.parametrize("kind", list(PromiseKind))
def test_every_kind_of_promise_has_a_name(kind):
    """In Chinese, never as it stands on the wire."""
    (found,) = (fact.value for fact in card(AlertKind.PROMISE, "broken", kind=kind).facts if fact.name == "承诺")
    assert not found.startswith(kind.value)


@pytest.mark.parametrize(
    ("kind", "key", "zh", "en"),
    [
        pytest.param(AlertKind.PROMISE_WARNING, "0.9", "来不及请提前告知客户", "before it is due", id="in time"),
        pytest.param(
            AlertKind.PROMISE, "broken", "请立即联系客户，致歉", "call the customer, say sorry", id="too late"
        ),
    ],
)
def test_a_promise_says_what_to_do(kind, key, zh, en):
    """Chinese as advice, English in the line for who reads no Chinese; nothing once it is over."""
    due = card(kind, key)
    assert (zh in due.advice, en in due.english) == (True, True)
    assert f"建议：{due.advice}" in text_of(due)
    over = card(kind, key, told=ReasonCode.RESOLVED)
    assert (over.advice, en in over.english) == ("", False)


def test_other_cards_say_nothing_of_promises():
    """No line, no advice."""
    other = compose(alert(1, level=Level.EXPLICIT), Standing(), advice=AdviceBook())
    assert (other.advice, "承诺" in {fact.name for fact in other.facts}) == ("", False)

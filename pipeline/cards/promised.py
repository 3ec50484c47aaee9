"""What a card says of a promise: what was promised until when, how far that time has run, and what to do now."""

from pipeline import words
from pipeline.rules.service import Bilingual
from pipeline.times import in_china
from schemas.alerts import Alert, PromiseAlert
from schemas.vocabulary import AlertKind

_NEXT_STEPS = {
    AlertKind.PROMISE: Bilingual(
        zh="承诺已过期：请立即联系客户，致歉并说明新的时间。",
        en="The promise was not kept: call the customer, say sorry, say when.",
    ),
    AlertKind.PROMISE_WARNING: Bilingual(
        zh="请在到期前兑现承诺；来不及请提前告知客户。",
        en="Keep the promise in time, or tell the customer before it is due.",
    ),
}


def commitment(alert: Alert) -> str:
    """What was promised, when it is due, how much of its time is used; empty where it is about no promise."""
    promise = alert.promise
    if promise is None:
        return ""
    until = f"{in_china(promise.due_at):%m-%d %H:%M} {'已' if alert.kind is AlertKind.PROMISE else ''}到期"
    parts = [
        words.PROMISES[promise.kind],
        until,
        _used(promise),
        "未说具体时间，按默认期限" if promise.is_vague else "",
    ]
    return " · ".join(part for part in parts if part)


def next_step(alert: Alert) -> Bilingual:
    """What to do now; nothing where it is about no promise."""
    return _NEXT_STEPS.get(alert.kind, Bilingual())


def _used(promise: PromiseAlert) -> str:
    """The share of its time at which a warning was due; a broken one has used it all."""
    try:
        return f"时间已用 {float(promise.key):.0%}"
    except ValueError:
        return ""

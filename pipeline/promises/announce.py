"""Who is told what changed in the ledger: readers of `promises`, tickets, people, the customer's next contact."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from pipeline.conversation.ids import fingerprint, record_id
from pipeline.hints import hint_about
from pipeline.places.provinces import UNKNOWN
from pipeline.promises.ledger import BROKEN_KEY, Change
from pipeline.sla.policy import Audience, PromisePolicy
from pipeline.stage import Output
from pipeline.tickets.links import links_of
from pipeline.times import MINUTE_MS
from pipeline.words import PROMISES as NAMES
from schemas.alerts import Alert, PromiseAlert
from schemas.contacts import BrokenPromise
from schemas.evidence import Evidence, Reason
from schemas.links import LinkedPromise, PromiseNews
from schemas.promises import Promise, PromiseState
from schemas.topics import ALERTS, CONTACTS, LINKS, PROMISES
from schemas.vocabulary import AlertKind, ReasonGroup

_BROKEN_PROMISE = Reason(l1=ReasonGroup.SERVICE, l2="broken_promise", ca="合同")


def announce(home: str, change: Change, policy: PromisePolicy, *, emitted_at_ms: int) -> list[Output]:
    """Everything that one change has to say."""
    promise = change.promise
    outputs = [Output(PROMISES, promise.promise_id.encode(), replace(promise, emitted_at=emitted_at_ms))]
    alert = _alert(change, emitted_at_ms) if change.key else None
    audience = [each for each in change.audience if each is not Audience.BOARD]
    if alert is not None and audience:
        outputs.append(Output(ALERTS, alert.region.encode(), alert))
        if Audience.HANDLER in audience and promise.to.agent_id:
            outputs.append(_hint(alert, promise, policy))
    news = PromiseNews(
        promise_id=promise.promise_id,
        home=home,
        kind=promise.kind,
        state=promise.state,
        said_at=promise.said_at,
        key=change.key,
        alert_id=alert.alert_id if alert else "",
    )
    outputs += _linked(promise, news, emitted_at_ms)
    return [*outputs, *_for_the_next_contact(change, emitted_at_ms)]


def _linked(promise: Promise, news: PromiseNews, emitted_at_ms: int) -> Iterator[Output]:
    to = promise.to
    for link in links_of(conversation_id=to.conversation_id, order_id=to.order_id, customer_key=to.customer_key):
        linked = LinkedPromise(
            link=link,
            news=news,
            occurred_at=promise.closed_at or promise.said_at,
            conversation_id=to.conversation_id,
            test=to.test,
            emitted_at=emitted_at_ms,
        )
        yield Output(LINKS, link.encode(), linked)


def _for_the_next_contact(change: Change, emitted_at_ms: int) -> Iterator[Output]:
    """That a promise was broken, and that it was settled after all."""
    promise, to = change.promise, change.promise.to
    was_broken = change.before is PromiseState.BROKEN
    if not to.customer_key or (promise.state is not PromiseState.BROKEN and not was_broken):
        return
    broken = BrokenPromise(
        promise_id=promise.promise_id,
        customer_key=to.customer_key,
        conversation_id=to.conversation_id,
        occurred_at=promise.due_at,
        emitted_at=emitted_at_ms,
        is_settled=was_broken,
        tenant=to.tenant,
        test=to.test,
    )
    yield Output(CONTACTS, to.customer_key.encode(), broken)


def _alert(change: Change, emitted_at_ms: int) -> Alert:
    promise, to = change.promise, change.promise.to
    is_broken = change.key == BROKEN_KEY
    kind = AlertKind.PROMISE if is_broken else AlertKind.PROMISE_WARNING
    return Alert(
        alert_id=record_id(kind, promise.promise_id, f"{change.key}:{promise.due_at}"),
        kind=kind,
        region=to.region or UNKNOWN,
        fingerprint=fingerprint(kind, promise.promise_id),
        occurred_at=promise.due_at if is_broken else _reached_at_ms(promise, change.key),
        emitted_at=emitted_at_ms,
        reasons=(_BROKEN_PROMISE,) if is_broken else (),
        evidence=(_evidence(promise),) if promise.quote else (),
        channel=to.channel,
        queue=to.queue,
        product=to.product,
        conversation_id=to.conversation_id,
        agent_id=to.agent_id,
        customer_key=to.customer_key,
        order_id=to.order_id,
        tenant=to.tenant,
        test=to.test,
        audience=tuple(each.value for each in change.audience if each is not Audience.BOARD),
        promise=PromiseAlert(
            promise_id=promise.promise_id,
            kind=promise.kind,
            key=change.key,
            said_at=promise.said_at,
            due_at=promise.due_at,
            is_vague=promise.is_vague,
        ),
    )


def _reached_at_ms(promise: Promise, key: str) -> int:
    """When a warning's share of the time was used."""
    return promise.said_at + int((promise.due_at - promise.said_at) * float(key))


def _evidence(promise: Promise) -> Evidence:
    return Evidence(
        rule=f"promise.{promise.kind}",
        version="",
        utterance_id=promise.utterance_id,
        char_start=promise.char_start,
        char_end=promise.char_end,
        text_masked=promise.quote,
        mark_start=promise.mark_start,
        mark_end=promise.mark_end,
    )


def _hint(alert: Alert, promise: Promise, policy: PromisePolicy) -> Output:
    """What the agent who gave the promise reads."""
    zone = ZoneInfo(policy.calendar.spec.zone)
    due = datetime.fromtimestamp(promise.due_at / 1000, zone).strftime("%m-%d %H:%M")
    name = NAMES[promise.kind]
    if alert.kind is AlertKind.PROMISE:
        advice = f"您答应客户的{name}已过期（{due}）：请立即联系客户，致歉并说明新的时间。"
        advice_en = (
            f"What you promised ({promise.kind}, due {due}) was not done: call the customer, say sorry, say when."
        )
    else:
        left_minutes = max(0, promise.due_at - alert.occurred_at) // MINUTE_MS
        advice = f"您答应客户的{name}还剩 {left_minutes} 分钟（{due} 到期）：请先兑现，来不及请提前告知客户。"
        advice_en = f"{left_minutes} minutes left for what you promised ({promise.kind}, due {due})."
    return hint_about(alert, advice=advice, advice_en=advice_en)

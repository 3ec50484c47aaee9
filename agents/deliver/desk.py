"""The desk of one channel: what waits for it, when it sent last, whether it takes anything.

What to do is `pipeline.deliveries`' to say; here it is done, and told through receipts. While a vendor accepts, a few
attempts are under way at once, so that nobody waits for another's answer and receipt; after a failure, and before
anything was accepted, one at a time finds out how the vendor is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from agents.channels.base import Channel, Judgement
from agents.channels.outgoing import CONNECTIONS_TO_ONE_HOST
from agents.deliver.invitations import Invite, invites_nobody
from agents.deliver.memory import Cards
from agents.deliver.messages import message_of
from agents.deliver.paged import Paged, attempt_id
from agents.deliver.queue import Waiting, free_of
from pipeline.deliveries.bundle import bundle_id
from pipeline.deliveries.choose import Choice, Do, choose
from pipeline.deliveries.pace import Pace
from pipeline.deliveries.pages import Pages
from pipeline.deliveries.retry import After, Verdict, after_attempt, diverted
from schemas.deliveries import Notification, Outcome, Receipt, Result

log = structlog.get_logger("tocsin.deliver")

_NO_NEWS = frozenset({Outcome.ACCEPTED, Outcome.BUNDLED, Outcome.NO_CARD})  # for the log

Clock = Callable[[], int]  # milliseconds of the wall clock: it is the vendor's minute that counts


class Told(NamedTuple):
    """What an attempt came to; the message's own id where several notifications were told in it."""

    judgement: Judgement
    took_ms: int = 0
    bundle_id: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """How a desk speaks to the rest: what it publishes, and what it calls when a notification is finished."""

    receipt: Callable[[Receipt, str], Awaitable[None]]  # with the channel's name as key
    publish: Callable[[Notification], Awaitable[None]]
    finished: Callable[[Notification], None]
    clock_ms: Clock
    invite: Invite = invites_nobody  # what the receiver of a single notification may press


@dataclass(slots=True)
class Desk:
    """One channel."""

    name: str
    channel: Channel
    pace: Pace
    address_of: Callable[[str], str]  # of a person in this channel; "" is the whole group
    line: Line
    waiting: dict[str, Waiting] = field(default_factory=dict)  # by notification id, in order of arrival
    sent_at_ms: list[int] = field(default_factory=list)
    kind: str = ""
    pages_per_hour: int = 10
    per_month: int | None = None  # what the vendor's edition allows
    paged: Paged = field(default_factory=Paged)  # of all desks
    cards: Cards = field(default_factory=Cards)
    shut_until_ms: int = 0
    failures: int = 0
    is_accepting: bool = False  # it took what was tried last
    _attempts: int = 0
    _something: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, notification: Notification) -> None:
        """One more; a repeat of what waits is none."""
        if self.waiting.setdefault(notification.notification_id, Waiting(notification)).notification is notification:
            self._something.set()

    def drop(self, notification_id: str) -> None:
        """Its partition has gone to another process."""
        self.waiting.pop(notification_id, None)

    async def work(self) -> None:
        """Send what waits, for ever."""
        async with asyncio.TaskGroup() as attempts:
            while True:
                self._something.clear()
                choice = self._choice()
                if choice.do is Do.WAIT:
                    await self._until(choice.until_ms)
                elif choice.do is Do.SEND and not self._is_nowhere(choice.notifications[0]):
                    tried = [self.waiting[each.notification_id] for each in choice.notifications]
                    self._begin(tried)
                    attempts.create_task(self._attempt(tried))
                else:
                    await self._leave(choice)

    def _choice(self) -> Choice:
        if self._attempts >= (CONNECTIONS_TO_ONE_HOST if self.is_accepting else 1):
            return Choice(Do.WAIT)
        now_ms = self.line.clock_ms()
        self.sent_at_ms = [at_ms for at_ms in self.sent_at_ms if at_ms > now_ms - self.pace.longest_ms]
        pages = Pages(self.paged.at_ms(), self.pages_per_hour)
        free = free_of(self.waiting.values())
        ready = [each.notification for each in free if each.not_before_ms <= now_ms]
        choice = choose(
            ready,
            self.sent_at_ms,
            self.pace,
            now_ms=now_ms,
            shut_until_ms=self.shut_until_ms,
            pages=pages,
            kind=self.kind,
        )
        if choice.do is not Do.WAIT:
            return choice
        later = [each.not_before_ms for each in free if each.not_before_ms > now_ms]
        moments = [at_ms for at_ms in (choice.until_ms, *later) if at_ms]
        return Choice(Do.WAIT, until_ms=min(moments, default=0))

    async def _until(self, at_ms: int) -> None:
        """Until a moment, or until something new arrives."""
        seconds = None if not at_ms else max(0.0, (at_ms - self.line.clock_ms()) / 1000) + 0.001
        try:
            await asyncio.wait_for(self._something.wait(), seconds)
        except TimeoutError:
            return

    async def _leave(self, choice: Choice) -> None:
        """What is not sent: no news any more, better sent another way, or a card that stands nowhere."""
        for waiting in [self.waiting[each.notification_id] for each in choice.notifications]:
            if choice.do is Do.EXPIRE:
                await self._finish(waiting, Result.EXPIRED, Outcome.EXPIRED, Told(Judgement(Outcome.EXPIRED)))
            elif choice.do is Do.SEND:
                await self._finish(waiting, Result.SUPPRESSED, Outcome.NO_CARD, Told(Judgement(Outcome.NO_CARD)))
            else:
                await self._divert(waiting, Told(Judgement(Outcome.RATE_LIMITED, "no room")))

    def _is_nowhere(self, notification: Notification) -> bool:
        """Whether it would draw a card anew that was not sent here, or that its vendor leaves as it is."""
        return notification.redraws and not self._card_of(notification)

    def _card_of(self, notification: Notification) -> str:
        """The vendor's name of the card that is drawn anew: that of a press is for this once, and spares the other."""
        return notification.card_ref or self.cards.get(notification.incident_id, notification.to)

    def _begin(self, tried: Sequence[Waiting]) -> None:
        """From now on it counts against the pace, whatever comes of it."""
        now_ms, first = self.line.clock_ms(), tried[0].notification
        self._attempts += 1
        for each in tried:
            each.is_under_way = True
        self.sent_at_ms.append(now_ms)
        if not first.redraws:
            alone = attempt_id(first.notification_id, tried[0].attempts + 1)
            message = alone if len(tried) == 1 else bundle_id([each.notification for each in tried])
            self.paged.note(first.to, message, now_ms)

    async def _attempt(self, tried: Sequence[Waiting]) -> None:
        began_ms = self.line.clock_ms()
        notifications = [each.notification for each in tried]
        judgement = await self._judgement(notifications, now_ms=began_ms)
        if not notifications[0].redraws:  # that a card cannot be changed says nothing of new ones
            self.is_accepting = judgement.outcome is Outcome.ACCEPTED
            self.failures = 0 if self.is_accepting else self.failures + 1
        told = Told(
            judgement,
            took_ms=self.line.clock_ms() - began_ms,
            bundle_id=bundle_id(notifications) if len(tried) > 1 else "",
        )
        verdicts = [self._judge(each, judgement) for each in tried]
        self.shut_until_ms = max(self.shut_until_ms, *(verdict.shut_until_ms for verdict in verdicts))
        for each, verdict in zip(tried, verdicts, strict=True):
            await self._follow(each, verdict, told)
            each.is_under_way = False
        self._attempts -= 1
        self._something.set()

    async def _judgement(self, notifications: Sequence[Notification], *, now_ms: int) -> Judgement:
        """What one attempt comes to. A fault of ours in one message silences no other channel, and is tried again."""
        first = notifications[0]
        try:
            message = message_of(
                notifications,
                address_of=self.address_of,
                invite=self.line.invite,
                redraws=self._card_of(first) if first.redraws else "",
            )
            return await self.channel.send(message, now_ms=now_ms)
        except Exception as error:  # noqa: BLE001  (all desks are one task group: whatever it is, it would end them all)
            # Its text may hold an address, and the address a token.
            log.error("attempt_failed", channel=self.name, error=type(error).__name__)  # noqa: TRY400
            return Judgement(Outcome.UNREACHABLE, "error")

    def _judge(self, waiting: Waiting, judgement: Judgement) -> Verdict:
        waiting.attempts += 1
        wait = judgement.retry_after
        return after_attempt(
            waiting.notification,
            judgement.outcome,
            attempt=waiting.attempts,
            failures=self.failures,
            now_ms=self.line.clock_ms(),
            retry_after_ms=None if wait is None else int(wait.total_seconds() * 1000),
        )

    async def _follow(self, waiting: Waiting, verdict: Verdict, told: Told) -> None:
        if verdict.after is After.DONE:
            result, outcome = (Result.BUNDLED, Outcome.BUNDLED) if told.bundle_id else (Result.SENT, Outcome.ACCEPTED)
            await self._finish(waiting, result, outcome, told)
        elif verdict.after is After.AGAIN:
            waiting.not_before_ms = verdict.at_ms
            await self._receipt(waiting, Result.FAILED_TEMP, told.judgement.outcome, told)
        elif verdict.after is After.DIVERT:
            await self._divert(waiting, told)
        else:
            await self._finish(waiting, Result.FAILED_PERM, told.judgement.outcome, told)

    async def _divert(self, waiting: Waiting, told: Told) -> None:
        """The next way first, then the receipt: a kill between the two repeats, and loses nothing."""
        await self.line.publish(diverted(waiting.notification, now_ms=self.line.clock_ms()))
        await self._finish(waiting, Result.FAILED_PERM, told.judgement.outcome, told)

    async def _finish(self, waiting: Waiting, result: Result, outcome: Outcome, told: Told) -> None:
        await self._receipt(waiting, result, outcome, told)
        self.waiting.pop(waiting.notification.notification_id, None)
        self.line.finished(waiting.notification)

    async def _receipt(self, waiting: Waiting, result: Result, outcome: Outcome, told: Told) -> None:
        notification = waiting.notification
        card_ref = told.judgement.card_ref
        if notification.card_ref:  # drawn by what a press brought: the name that stood still stands
            card_ref = self.cards.get(notification.incident_id, notification.to)
        receipt = Receipt(
            notification_id=notification.notification_id,
            result=result,
            reason=outcome,
            attempt=waiting.attempts,
            latency_ms=max(told.took_ms, 0),
            at=self.line.clock_ms(),
            vendor_code=told.judgement.vendor_code,
            channel=self.name,
            to=notification.to,
            incident_id=notification.incident_id,
            bundle_id=told.bundle_id,
            redraws=notification.redraws,
            card_ref=card_ref if result is Result.SENT else "",
        )
        await self.line.receipt(receipt, self.name)
        if result is Result.SENT:
            self.cards.put(receipt.incident_id, receipt.to, receipt.card_ref)
        if outcome not in _NO_NEWS:
            log.warning(
                "notification_not_sent",
                channel=self.name,
                notification=notification.notification_id,
                result=result.value,
                outcome=told.judgement.outcome.value,
                vendor_code=told.judgement.vendor_code,
            )

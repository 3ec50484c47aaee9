"""The desk of one channel: what waits for it, when it sent last, whether it takes anything; one attempt at a time.

What to do is `pipeline.deliveries`' to say; here it is done, and told through receipts.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from msgspec.structs import replace

from agents.channels.base import Channel, Judgement, Message
from agents.deliver.invitations import NOTHING, Invite, invites_nobody
from pipeline.deliveries.bundle import bundle_id, bundled, dedup_key
from pipeline.deliveries.choose import Choice, Do, choose
from pipeline.deliveries.pace import HOUR_MS, Pace
from pipeline.deliveries.pages import Pages
from pipeline.deliveries.retry import After, Verdict, after_attempt, diverted
from pipeline.incidents.plan import GROUP
from schemas.deliveries import Notification, Outcome, Receipt, Result

log = structlog.get_logger("tocsin.deliver")

Clock = Callable[[], int]  # milliseconds of the wall clock: it is the vendor's minute that counts


@dataclass(slots=True)
class Waiting:
    """One notification at a desk."""

    notification: Notification
    attempts: int = 0
    not_before_ms: int = 0


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
    pages_per_hour: int = 10
    paged_at_ms: dict[str, list[int]] = field(default_factory=dict)  # by person
    shut_until_ms: int = 0
    failures: int = 0
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
        while True:
            self._something.clear()
            choice = self._choice()
            if choice.do is Do.WAIT:
                await self._until(choice.until_ms)
                continue
            await self._do(choice)

    def _choice(self) -> Choice:
        now_ms = self.line.clock_ms()
        self.sent_at_ms = [at_ms for at_ms in self.sent_at_ms if at_ms > now_ms - self.pace.longest_ms]
        pages = Pages(self.paged_at_ms, self.pages_per_hour)
        ready = [each.notification for each in self.waiting.values() if each.not_before_ms <= now_ms]
        choice = choose(ready, self.sent_at_ms, self.pace, now_ms=now_ms, shut_until_ms=self.shut_until_ms, pages=pages)
        if choice.do is not Do.WAIT:
            return choice
        later = [each.not_before_ms for each in self.waiting.values() if each.not_before_ms > now_ms]
        moments = [at_ms for at_ms in (choice.until_ms, *later) if at_ms]
        return Choice(Do.WAIT, until_ms=min(moments, default=0))

    async def _until(self, at_ms: int) -> None:
        """Until a moment, or until something new arrives."""
        seconds = None if not at_ms else max(0.0, (at_ms - self.line.clock_ms()) / 1000) + 0.001
        try:
            await asyncio.wait_for(self._something.wait(), seconds)
        except TimeoutError:
            return

    async def _do(self, choice: Choice) -> None:
        if choice.do is Do.EXPIRE:
            for each in choice.notifications:
                await self._finish(each, Result.EXPIRED, Outcome.EXPIRED, Judgement(Outcome.EXPIRED))
        elif choice.do is Do.DIVERT:
            await self._divert(choice.notifications[0], Judgement(Outcome.RATE_LIMITED, "no room"))
        else:
            await self._attempt(choice)

    async def _attempt(self, choice: Choice) -> None:
        first, now_ms = choice.notifications[0], self.line.clock_ms()
        invited = self.line.invite(first) if len(choice.notifications) == 1 else NOTHING
        card = bundled(choice.notifications)
        message = Message(
            notification_id=bundle_id(choice.notifications),
            incident_id=first.incident_id,
            dedup_key=dedup_key(choice.notifications),
            card=replace(card, buttons=(*invited.buttons, *card.buttons)),
            to=self.address_of(first.to),
            at_ms=first.emitted_at,
            presses=invited.presses,
        )
        self.sent_at_ms.append(now_ms)
        if first.to != GROUP:
            self._paged(first.to, now_ms)
        judgement = await self.channel.send(message, now_ms=now_ms)
        took_ms = self.line.clock_ms() - now_ms
        self.failures = 0 if judgement.outcome is Outcome.ACCEPTED else self.failures + 1
        verdicts = [self._judge(each, judgement) for each in choice.notifications]
        self.shut_until_ms = max(self.shut_until_ms, *(verdict.shut_until_ms for verdict in verdicts))
        for each, verdict in zip(choice.notifications, verdicts, strict=True):
            await self._follow(each, verdict, judgement, took_ms=took_ms, message_id=message.notification_id)

    def _paged(self, person: str, now_ms: int) -> None:
        lately = [at_ms for at_ms in self.paged_at_ms.get(person, ()) if at_ms > now_ms - HOUR_MS]
        self.paged_at_ms[person] = [*lately, now_ms]

    def _judge(self, notification: Notification, judgement: Judgement) -> Verdict:
        waiting = self.waiting.setdefault(notification.notification_id, Waiting(notification))
        waiting.attempts += 1
        wait = judgement.retry_after
        return after_attempt(
            notification,
            judgement.outcome,
            attempt=waiting.attempts,
            failures=self.failures,
            now_ms=self.line.clock_ms(),
            retry_after_ms=None if wait is None else int(wait.total_seconds() * 1000),
        )

    async def _follow(
        self, notification: Notification, verdict: Verdict, judgement: Judgement, *, took_ms: int, message_id: str
    ) -> None:
        if verdict.after is After.DONE:
            is_bundled = message_id != notification.notification_id
            result, outcome = (Result.BUNDLED, Outcome.BUNDLED) if is_bundled else (Result.SENT, Outcome.ACCEPTED)
            bundle = message_id if is_bundled else ""
            await self._finish(notification, result, outcome, judgement, took_ms=took_ms, bundle=bundle)
        elif verdict.after is After.AGAIN:
            self.waiting[notification.notification_id].not_before_ms = verdict.at_ms
            await self._receipt(notification, Result.FAILED_TEMP, judgement.outcome, judgement, took_ms=took_ms)
        elif verdict.after is After.DIVERT:
            await self._divert(notification, judgement, took_ms=took_ms)
        else:
            await self._finish(notification, Result.FAILED_PERM, judgement.outcome, judgement, took_ms=took_ms)

    async def _divert(self, notification: Notification, judgement: Judgement, *, took_ms: int = 0) -> None:
        """The next way first, then the receipt: a kill between the two repeats, and loses nothing."""
        await self.line.publish(diverted(notification, now_ms=self.line.clock_ms()))
        await self._finish(notification, Result.FAILED_PERM, judgement.outcome, judgement, took_ms=took_ms)

    async def _finish(
        self,
        notification: Notification,
        result: Result,
        outcome: Outcome,
        judgement: Judgement,
        *,
        took_ms: int = 0,
        bundle: str = "",
    ) -> None:
        await self._receipt(notification, result, outcome, judgement, took_ms=took_ms, bundle=bundle)
        self.waiting.pop(notification.notification_id, None)
        self.line.finished(notification)

    async def _receipt(
        self,
        notification: Notification,
        result: Result,
        outcome: Outcome,
        judgement: Judgement,
        *,
        took_ms: int,
        bundle: str = "",
    ) -> None:
        waiting = self.waiting.get(notification.notification_id)
        receipt = Receipt(
            notification_id=notification.notification_id,
            result=result,
            reason=outcome,
            attempt=waiting.attempts if waiting else 0,
            latency_ms=max(took_ms, 0),
            at=self.line.clock_ms(),
            vendor_code=judgement.vendor_code,
            channel=self.name,
            to=notification.to,
            incident_id=notification.incident_id,
            bundle_id=bundle,
        )
        await self.line.receipt(receipt, self.name)
        if outcome not in {Outcome.ACCEPTED, Outcome.BUNDLED}:
            log.warning(
                "notification_not_sent",
                channel=self.name,
                notification=notification.notification_id,
                result=result.value,
                outcome=judgement.outcome.value,
                vendor_code=judgement.vendor_code,
            )

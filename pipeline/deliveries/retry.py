"""After an attempt: done, again at a moment, or another way. The outcome says which, never the caller."""

from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from pipeline.conversation.ids import record_id
from pipeline.deliveries.choose import RESERVED_WAITS_MS
from schemas.deliveries import BudgetClass, Notification, Outcome, Receiver

# One, two, four and eight seconds, then every half minute for as long as it is news: these at most, half at least.
_BACK_OFF_MS = (1_000, 2_000, 4_000, 8_000)
_SLOW_MS = 30_000
_TRIES_BEFORE_ANOTHER_WAY = {BudgetClass.RESERVED: 2, BudgetClass.NORMAL: 4, BudgetClass.DIGEST: 4}
_MUTED_MS = 60_000  # where neither the vendor nor its page says for how long
SHUT_AFTER = 3  # failures in a row
_SHUT_MS = 30_000
_SHUT_FOR_GOOD_MS = 5 * 60_000  # a token or an address that is not taken: only an operator can help


class After(StrEnum):
    """What follows."""

    DONE = "done"
    AGAIN = "again"
    DIVERT = "divert"
    GIVE_UP = "give_up"


class Verdict(NamedTuple):
    """What follows for the notification, and until when the channel takes nothing."""

    after: After
    at_ms: int = 0
    shut_until_ms: int = 0


def after_attempt(
    notification: Notification,
    outcome: Outcome,
    *,
    attempt: int,
    failures: int,
    now_ms: int,
    retry_after_ms: int | None = None,
) -> Verdict:
    """What follows an attempt, the `attempt`-th of this notification and the `failures`-th failure in a row."""
    can_divert = bool(notification.alternatives)
    is_urgent = can_divert and notification.budget_class is BudgetClass.RESERVED
    least_ms = back_off_ms(notification, attempt=attempt)  # a vendor may say "after 0 seconds", and mean it every time
    if outcome is Outcome.ACCEPTED:
        return Verdict(After.DONE)
    if outcome is Outcome.RATE_LIMITED:
        shut_ms = now_ms + max(retry_after_ms if retry_after_ms is not None else _MUTED_MS, least_ms)
        return Verdict(After.DIVERT if is_urgent else After.AGAIN, shut_ms, shut_ms)
    if outcome is Outcome.UNREACHABLE:
        shut_ms = now_ms + _SHUT_MS if failures >= SHUT_AFTER else 0
        at_ms = max(now_ms + max(retry_after_ms or 0, least_ms), shut_ms)
        is_tried = can_divert and attempt >= _TRIES_BEFORE_ANOTHER_WAY[notification.budget_class]
        if is_tried or (is_urgent and at_ms > now_ms + RESERVED_WAITS_MS):
            return Verdict(After.DIVERT, shut_until_ms=shut_ms)
        return Verdict(After.AGAIN, at_ms, shut_ms)
    # An application may be allowed to send cards and not to change them.
    shut_for_ms = 0 if notification.redraws else _shut_for_ms(outcome, failures=failures)
    shut_ms = now_ms + shut_for_ms if shut_for_ms else 0
    return Verdict(After.DIVERT if can_divert else After.GIVE_UP, shut_until_ms=shut_ms)


def back_off_ms(notification: Notification, *, attempt: int) -> int:
    """How long to wait after a failed attempt; what failed together does not come back together.

    The spread is made of the id and the attempt, not of chance: whoever delivers it after a crash waits as long.
    """
    most_ms = _BACK_OFF_MS[attempt - 1] if attempt <= len(_BACK_OFF_MS) else _SLOW_MS
    digest = blake2b(f"{notification.notification_id}:{attempt}".encode(), digest_size=4).digest()
    return most_ms - most_ms * int.from_bytes(digest) // 2**33


def _shut_for_ms(outcome: Outcome, *, failures: int) -> int:
    """How long a channel rests that refused: what three messages in a row meet is no matter of the message."""
    if outcome is Outcome.UNAUTHORISED:
        return _SHUT_FOR_GOOD_MS
    return _SHUT_MS if failures >= SHUT_AFTER else 0


def diverted(notification: Notification, *, now_ms: int) -> Notification:
    """The same message for the next way; its id tells where it comes from, so a repeat has the same."""
    to, *rest = notification.alternatives
    return _to(notification, to, tuple(rest), now_ms=now_ms)


def _to(notification: Notification, to: Receiver, rest: tuple[Receiver, ...], *, now_ms: int) -> Notification:
    return Notification(
        notification_id=record_id("via", notification.notification_id, f"{to.channel}:{to.to}"),
        channel=to.channel,
        to=to.to,
        incident_id=notification.incident_id,
        step=notification.step,
        budget_class=notification.budget_class,
        dedup_key=notification.dedup_key,
        card=notification.card,
        not_after=notification.not_after,
        region=notification.region,
        alternatives=rest,
        emitted_at=now_ms,
        test=notification.test,
    )

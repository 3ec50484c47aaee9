"""What of `notifications` is taken to a desk here, and what is said no to at once, with the reason."""

from enum import StrEnum

from pipeline.incidents.drills import takes_drills
from pipeline.incidents.load import OnCall
from pipeline.incidents.plan import GROUP
from schemas.deliveries import Notification, Outcome, Receipt, Receiver, Result


class NotTaken(StrEnum):
    """Why a notification goes to no desk; the vendor's code of its receipt."""

    UNKNOWN_CHANNEL = "unknown channel"  # the file of whoever decides names one that ours does not
    NOT_FOR_DRILLS = "not for drills"  # whoever wrote it: nobody unmarked hears a drill
    NO_CONTACT = "no contact"  # an empty address would be the whole group, or nobody


def not_taken(notification: Notification, oncall: OnCall) -> NotTaken | None:
    """Why a notification goes to no desk; None where it does."""
    if notification.channel not in oncall.channels:
        return NotTaken.UNKNOWN_CHANNEL
    receiver = Receiver(channel=notification.channel, to=notification.to)
    if notification.test and not takes_drills(receiver, oncall.plan):
        return NotTaken.NOT_FOR_DRILLS
    if notification.to != GROUP and not address_of(receiver.to, oncall, channel=receiver.channel):
        return NotTaken.NO_CONTACT
    return None


def address_of(person: str, oncall: OnCall, *, channel: str) -> str:
    """Where somebody is reached over a channel; "" is the whole group."""
    return "" if person == GROUP else oncall.contacts.get(person, {}).get(channel, "")


def receipt_of(notification: Notification, why: NotTaken, *, now_ms: int) -> Receipt:
    """That it was not tried, for good."""
    return Receipt(
        notification_id=notification.notification_id,
        result=Result.FAILED_PERM,
        reason=Outcome.REFUSED,
        attempt=0,
        latency_ms=0,
        at=now_ms,
        vendor_code=why.value,
        channel=notification.channel,
        to=notification.to,
        incident_id=notification.incident_id,
    )

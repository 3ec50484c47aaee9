"""Messages: what a channel is handed for one notification, or for several that are told together."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from agents.channels.base import Message
from agents.deliver.invitations import NOTHING, Invite
from pipeline.deliveries.bundle import bundle_id, bundled, dedup_key
from schemas.deliveries import Notification


def message_of(
    notifications: Sequence[Notification], *, address_of: Callable[[str], str], invite: Invite, redraws: str = ""
) -> Message:
    """One card for one receiver; of a single notification it holds what its receiver may press."""
    first = notifications[0]
    invited = invite(first) if len(notifications) == 1 else NOTHING
    card = bundled(notifications)
    return Message(
        notification_id=bundle_id(notifications),
        incident_id=first.incident_id,
        dedup_key=dedup_key(notifications),
        card=replace(card, buttons=(*invited.buttons, *card.buttons)),
        to=address_of(first.to),
        at_ms=first.emitted_at,
        region=first.region,
        presses=invited.presses,
        redraws=redraws,
    )

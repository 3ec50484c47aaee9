"""Invitations: the offers of a notification, sealed, as buttons that a card can show."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from agents.channels.base import Press
from agents.files.oncall import keys_of
from pipeline.answers.acts import MEANINGS, Act
from pipeline.answers.offers import offers_of
from pipeline.incidents.load import OnCall
from pipeline.incidents.plan import milliseconds
from schemas.cards import Button
from schemas.deliveries import Notification

# A machine reads these, or whoever looks at a terminal: neither is to be handed what somebody may do.
SILENT_KINDS = frozenset({"pagerduty", "alertmanager", "console"})


class Invited(NamedTuple):
    """What the receiver of a notification may press: links, or buttons whose vendor calls back."""

    buttons: tuple[Button, ...] = ()
    presses: tuple[Press, ...] = ()


Invite = Callable[[Notification], Invited]
NOTHING = Invited()


def invites_nobody(_: Notification) -> Invited:
    """Where no answers are received."""
    return NOTHING


def invite_of(oncall: OnCall, *, file: str) -> Invite:
    """How notifications become buttons; raises OnCallError where a key is missing."""
    answers = oncall.answers
    if answers is None:
        return invites_nobody
    keys, lasts_ms = keys_of(answers, file=file), milliseconds(answers.links_last)

    def invite(notification: Notification) -> Invited:
        if oncall.channels[notification.channel].kind in SILENT_KINDS:
            return NOTHING
        offers = offers_of(notification, oncall.plan, lasts_ms=lasts_ms)
        presses = tuple(Press(each.act, MEANINGS[each.act].label, keys.seal(each)) for each in offers)
        if notification.channel in answers.callbacks:
            # A remark has to be written, and a card has no room to write: it gets a link.
            written = [each for each in presses if each.act is Act.COMMENT]
            return Invited(_linked(written, answers.url), tuple(each for each in presses if each not in written))
        return Invited(_linked(presses, answers.url))

    return invite


def _linked(presses: Iterable[Press], url: str) -> tuple[Button, ...]:
    return tuple(
        Button(label=each.label, url=f"{url}/a/{each.seal}", is_primary=each.act is Act.ACK) for each in presses
    )

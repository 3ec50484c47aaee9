"""Offers: what one receiver of one notification may do, until when; and the action that comes of it."""

import base64
from hashlib import blake2b

import msgspec

from pipeline.answers.acts import MEANINGS, Act, acts_of
from pipeline.incidents.plan import GROUP, Plan
from pipeline.incidents.rulings import group_actor, role_of
from pipeline.text.redact import redact
from schemas.actions import Action, ActionKind, ActionSource, Matcher, PressedCard, Silence
from schemas.audits import NOTE_CHARS_MAX
from schemas.base import MAX_ID_CHARS
from schemas.deliveries import Notification

SILENCE_MS = 60 * 60 * 1000
_NONCE_BYTES = 12


class Offer(msgspec.Struct, frozen=True, array_like=True):
    """One act that one receiver may do about one incident, once."""

    act: Act
    incident_id: str
    region: str
    actor: str  # a person, or a group: see `rulings`
    channel: str  # by which the offer was sent
    nonce: str  # the action's id: whoever acts twice has acted once
    not_after_ms: int


def offers_of(notification: Notification, plan: Plan, *, lasts_ms: int) -> tuple[Offer, ...]:
    """What the receiver of a notification may do. The same notification always makes the same offers.

    So what is sent twice after a crash is still good for one use, and of a group the first who answers has answered.
    """
    is_group = notification.to == GROUP
    actor = group_actor(notification.channel) if is_group else notification.to
    role = role_of(actor, plan)
    if role is None or notification.card.is_over or not notification.region:
        return ()
    acts = [act for act in acts_of(role) if not (notification.card.is_acked and act is Act.ACK)]
    return tuple(
        Offer(
            act=act,
            incident_id=notification.incident_id,
            region=notification.region,
            actor=actor,
            channel=notification.channel,
            nonce=_nonce(notification.notification_id, act),
            not_after_ms=notification.emitted_at + lasts_ms,
        )
        for act in acts
    )


def is_meant_for(offer: Offer, person: str) -> bool:
    """Whether a person whom the vendor names may take an offer: it is theirs, or their group's."""
    return offer.actor in {person, group_actor(offer.channel)}


def action_of(offer: Offer, *, actor: str, source: ActionSource, note: str, now_ms: int, card_ref: str = "") -> Action:
    """The action of an offer that was taken. Notes are masked before they are kept anywhere."""
    meaning = MEANINGS[offer.act]
    return Action(
        event_id=offer.nonce,
        source=source,
        occurred_at=now_ms,
        action_id=offer.nonce,
        action=meaning.kind,
        region=offer.region,
        actor=actor,
        at=now_ms,
        incident_id=offer.incident_id,
        verdict=meaning.verdict,
        note=redact(note).text[:NOTE_CHARS_MAX] if note else None,
        silence=_silence(offer.incident_id, now_ms=now_ms) if meaning.kind is ActionKind.SILENCE else None,
        card=_card(offer, card_ref),
        not_after=offer.not_after_ms,
    )


def _card(offer: Offer, ref: str) -> PressedCard | None:
    """The card of an offer, where the vendor said by what it can be drawn anew, in as many signs as a record holds."""
    if not 0 < len(ref) <= MAX_ID_CHARS:
        return None
    to = GROUP if offer.actor == group_actor(offer.channel) else offer.actor
    return PressedCard(channel=offer.channel, to=to, ref=ref)


def _silence(incident_id: str, *, now_ms: int) -> Silence:
    matchers = (Matcher(name="incident_id", value=incident_id),)
    return Silence(matchers=matchers, starts_at=now_ms, ends_at=now_ms + SILENCE_MS)


def _nonce(notification_id: str, act: Act) -> str:
    digest = blake2b(f"{notification_id}|{act}".encode(), digest_size=_NONCE_BYTES).digest()
    return base64.urlsafe_b64encode(digest).decode()

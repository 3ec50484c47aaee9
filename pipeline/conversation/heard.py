"""What a text says by itself, whatever was said before it: found out before its conversation is looked at."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from pipeline.conversation.demand import sketch
from pipeline.conversation.state import AGENT, CUSTOMER
from pipeline.findings import Finding
from pipeline.promises.finder import find as find_promises
from pipeline.promises.talk import PromiseTalk
from pipeline.text.normalize import FoldedBatch
from pipeline.text.orders import find_order
from schemas.calls import Utterance
from schemas.chats import ChatMessage
from schemas.vocabulary import Role


class Heard(msgspec.Struct, frozen=True, gc=False):
    """What one text shows, a sketch of what its customer wants, what it says of promises, which order it names."""

    finding: Finding | None = None
    demand: bytes | None = None
    promises: PromiseTalk | None = None
    order_mark: str = ""


class ReadsTexts(Protocol):
    """What reads texts."""

    def tag(self, texts: Sequence[str], roles: Sequence[Role]) -> list[Finding | None]:
        """What each text shows; None where it shows nothing."""
        ...

    def tag_folded(self, batch: FoldedBatch, roles: Sequence[Role]) -> list[Finding | None]:
        """The same for texts that were folded before."""
        ...


class Texts(NamedTuple):
    """The texts among some events that are to be read, and which events they come from."""

    places: Sequence[int]
    texts: Sequence[str]
    roles: Sequence[Role]


def texts_of(events: Sequence[Any]) -> Texts:
    """What is to be read; what bots and systems say, and what was deleted, is not."""
    places: list[int] = []
    texts: list[str] = []
    roles: list[Role] = []
    for place, event in enumerate(events):
        kind = type(event)
        if kind is not Utterance and (kind is not ChatMessage or event.deleted):
            continue
        role = event.role
        text = event.text
        if text and (role is CUSTOMER or role is AGENT):
            places.append(place)
            texts.append(text)
            roles.append(role)
    return Texts(places, texts, roles)


def hear(texts: Sequence[str], roles: Sequence[Role], reader: ReadsTexts) -> list[Heard | None]:
    """What each text says; None where it says nothing that a conversation would remember."""
    batch = FoldedBatch(texts)
    return _heard(batch, roles, reader.tag_folded(batch, roles))


def heard(text: str, role: Role, finding: Finding | None) -> Heard | None:
    """The same for one text whose finding is known."""
    return _heard(FoldedBatch([text]), [role], [finding])[0]


def _heard(batch: FoldedBatch, roles: Sequence[Role], findings: Sequence[Finding | None]) -> list[Heard | None]:
    promised = find_promises(batch, roles)
    found: list[Heard | None] = []
    for place, (role, finding) in enumerate(zip(roles, findings, strict=True)):
        text = batch.given[place]
        demand = sketch(text) if role is CUSTOMER else None
        promises = promised.get(place)
        order_mark = find_order(text)
        is_silent = finding is None and demand is None and promises is None and not order_mark
        found.append(None if is_silent else Heard(finding, demand, promises, order_mark))
    return found


def hear_events(events: Sequence[Any], *, reader: ReadsTexts) -> list[Heard | None]:
    """What each event says."""
    places, texts, roles = texts_of(events)
    found: list[Heard | None] = [None] * len(events)
    for place, said in zip(places, hear(texts, roles, reader), strict=True):
        found[place] = said
    return found

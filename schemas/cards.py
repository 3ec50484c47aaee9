"""Cards: what a person is shown about an incident, ready to be drawn by any chat tool. A part of a notification.

Every text in a card is safe to store and to show: quotes are masked, and nothing in it is markup.
"""

from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, Note, Part
from schemas.vocabulary import Level

MAX_SAMPLES = 3


class Fact(Part, frozen=True, kw_only=True):
    """One line of a card: its name and its value, both in Chinese."""

    name: Code
    value: Note


class Button(Part, frozen=True, kw_only=True):
    """Something that can be opened from a card."""

    label: Code
    url: Note
    is_primary: bool = False


class Card(Part, frozen=True, kw_only=True):
    """One card. `title` is all that a locked telephone shows, so level, region and count stand in it."""

    title: Note
    level: Level = Level.NONE
    facts: Annotated[tuple[Fact, ...], Meta(max_length=MAX_LIST_ITEMS)] = ()
    samples: Annotated[tuple[Note, ...], Meta(max_length=MAX_SAMPLES)] = ()  # masked quotes, the evidence in 【】
    why: Annotated[tuple[Note, ...], Meta(max_length=MAX_LIST_ITEMS)] = ()  # rules that fired, guards that were passed
    advice: Note = ""
    english: Note = ""  # the card in one line, for who does not read Chinese
    buttons: Annotated[tuple[Button, ...], Meta(max_length=MAX_LIST_ITEMS)] = ()
    is_acked: bool = False  # somebody has it
    is_over: bool = False  # the incident is resolved

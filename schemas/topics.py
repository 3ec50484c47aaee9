"""The topic table: every topic, what is on it, how it is kept. Topics are created from here before a worker starts."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from schemas.base import Wire


class CleanUp(StrEnum):
    """How Kafka forgets."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """One topic: name without prefix, what its key is, the messages on it, and how long it is kept."""

    name: str
    key: str  # what the record key holds, in words: `conversation_id`
    messages: tuple[type[Wire], ...]
    clean_up: CleanUp = CleanUp.DELETE
    retention: timedelta | None = timedelta(days=7)  # None keeps for ever

    def __repr__(self) -> str:
        return f"Topic({self.name})"

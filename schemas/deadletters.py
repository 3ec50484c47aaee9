"""Dead letters: a record that was refused, whole, and why. Topic `deadletters`."""

from schemas.base import Code, Count, EpochMillis, Note, Wire
from schemas.vocabulary import Category


class DeadLetter(Wire, tag="dead.letter/1"):
    """The original bytes, where they stood, and what was expected; never the value outside the bytes."""

    topic: Code
    partition: Count
    offset: Count
    reason: Category
    error: Note
    at: EpochMillis  # the refused record's own timestamp: the same letter whenever and wherever it is written
    bytes_b64: str | None
    path: Code = ""
    key_b64: str | None = None
    worker_version: Code = ""

    def record_id(self) -> str:
        """Where the record stood."""
        return f"dead:{self.topic}:{self.partition}:{self.offset}"

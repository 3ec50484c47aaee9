"""Dead letters: a record that was refused, whole, and why. Topic `deadletters`."""

from schemas.base import Code, Count, EpochMillis, Note, Wire
from schemas.vocabulary import Category


class DeadLetter(Wire, tag="dead.letter/1", frozen=True, kw_only=True):
    """The original bytes, where they stood, and what was expected; never a received value outside the bytes."""

    topic: Code
    partition: Count
    offset: Count
    reason: Category
    error: Note
    at: EpochMillis  # the refused record's own timestamp: the same letter whoever writes it and whenever
    bytes_b64: str | None  # null of a record without a value
    size_bytes: Count  # of the value; more than `bytes_b64` holds only where a record is beyond all limits
    path: Code = ""  # `$.field`, `$key`, `$headers.ce_id`
    key_b64: str | None = None
    worker_version: Code = ""
    digest: Code = ""  # of a body that came over HTTP and stood nowhere: `topic` is `intake:<source>`; since 1.1

    def record_id(self) -> str:
        """Where the record stood, or what the body was."""
        return f"dead:{self.topic}:{self.digest or f'{self.partition}:{self.offset}'}"

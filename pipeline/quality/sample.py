"""The random sample for a manual second look: random to everybody, and the same whenever it is drawn again."""

from dataclasses import dataclass
from hashlib import blake2b

_WHOLE = 2**64


@dataclass(frozen=True, slots=True)
class Sample:
    """Which share of conversations is looked at, and a text that makes another draw of the same conversations."""

    share: float = 0.05
    salt: str = ""

    def holds(self, conversation_id: str) -> bool:
        """Whether a conversation is in the sample: by a hash, so that no draw is needed and none can be influenced."""
        digest = blake2b(f"{self.salt}\0{conversation_id}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") < self.share * _WHOLE

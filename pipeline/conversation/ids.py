"""Identities: deterministic ids of what goes out, and the short memory of what came in."""

from hashlib import blake2b

from schemas.base import MAX_ID_CHARS

RECENT_EVENTS = 256
_HASH_BYTES = 6  # eight characters of base64; of 256 ids, one in a thousand billion is mistaken for another
_RECENT_BYTES = RECENT_EVENTS * _HASH_BYTES


def event_hash(event_id: str) -> bytes:
    """Six bytes that stand for an event id; the same in every process."""
    return blake2b(event_id.encode(), digest_size=_HASH_BYTES).digest()


def is_recent(recent: bytes, wanted: bytes) -> bool:
    """Whether an event's hash is among the remembered ones, which lie end to end."""
    at = recent.find(wanted)
    while at > 0 and at % _HASH_BYTES:  # found across the border of two hashes
        at = recent.find(wanted, at + 1)
    return at >= 0


def remember(recent: bytes, new: bytes) -> bytes:
    """Append a hash; the oldest goes when the memory is full."""
    if len(recent) >= _RECENT_BYTES:
        recent = recent[_HASH_BYTES:]
    return recent + new


def record_id(kind: str, subject: str, cause: str) -> str:
    """`kind:subject:cause`; ids of foreign systems that do not fit are replaced by their digest."""
    name = f"{kind}:{subject}:{cause}"
    return name if len(name) <= MAX_ID_CHARS else f"{kind}:{_digest(subject)}:{_digest(cause)}"


def fingerprint(kind: str, payload: str) -> str:
    """`kind:payload`: equal for as long as it is the same matter."""
    name = f"{kind}:{payload}"
    return name if len(name) <= MAX_ID_CHARS else f"{kind}:{_digest(payload)}"


def _digest(name: str) -> str:
    return blake2b(name.encode(), digest_size=16).hexdigest()

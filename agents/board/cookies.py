"""Cookies that only this board can make and read: what a browser keeps for us, sealed and dated.

Nothing is stored here. Boards that share a secret read each other's, and a new secret ends all of them at once. Each
purpose has a key of its own, so that one kind of cookie is never taken for another.
"""

from base64 import urlsafe_b64encode
from typing import Generic, TypeVar

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_CHARS_MAX = 4_096  # what a browser keeps of one cookie

KeptT = TypeVar("KeptT")


class Seal(Generic[KeptT]):
    """Makes and opens cookies of one kind, each good for a while."""

    def __init__(self, kind: type[KeptT], secret: bytes, *, lasts_seconds: int) -> None:
        self.lasts_seconds = lasts_seconds
        self._decode = msgspec.json.Decoder(kind).decode
        key = HKDF(SHA256(), 32, salt=None, info=f"tocsin board {kind.__name__}".encode()).derive(secret)
        self._fernet = Fernet(urlsafe_b64encode(key))

    def close(self, kept: KeptT, *, now_s: float) -> str:
        """The cookie."""
        return self._fernet.encrypt_at_time(msgspec.json.encode(kept), int(now_s)).decode()

    def open(self, cookie: str, *, now_s: float) -> KeptT | None:
        """What was kept; None where it is not ours, was changed, or is too old."""
        if not cookie or len(cookie) > _CHARS_MAX:
            return None
        try:
            return self._decode(self._fernet.decrypt_at_time(cookie, self.lasts_seconds, int(now_s)))
        except (InvalidToken, ValueError):  # signs that no cookie of ours has; a kind of another version
            return None

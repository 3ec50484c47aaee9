"""Seals: offers as text that only we can have written, and forms that only our own page can have sent.

A seal is `key.payload.mac`: which key made it, the offer in base64, and an HMAC-SHA256 over it. The first key seals,
all of them open: so a key is exchanged by putting the new one first and taking the old one away a day later.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from hashlib import blake2b, sha256

import msgspec

from pipeline.answers.offers import Offer

KEY_BYTES_MIN = 32
SEAL_CHARS_MAX = 1_024  # what WeCom takes as the key of a button; ours have some three hundred
_MAC_BYTES = 16
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Offer)


class Keys:
    """Keys for sealing; raises ValueError where there is none."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets:
            message = "expected at least one key"
            raise ValueError(message)
        self._secrets = {_name(secret): secret for secret in secrets}
        self._first = _name(secrets[0])

    def seal(self, offer: Offer) -> str:
        """An offer as text that fits an address."""
        payload = _text(_encoder.encode(offer))
        return f"{self._first}.{payload}.{_mac(self._secrets[self._first], 'offer', payload)}"

    def open(self, sealed: str) -> Offer | None:
        """The offer; None for whatever we did not write, whatever is wrong with it. Its end is not looked at."""
        if len(sealed) > SEAL_CHARS_MAX or not sealed.isascii():
            return None
        name, _, rest = sealed.partition(".")
        payload, _, mac = rest.partition(".")
        secret = self._secrets.get(name)
        if secret is None or not hmac.compare_digest(mac, _mac(secret, "offer", payload)):
            return None
        try:
            return _decoder.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (binascii.Error, msgspec.DecodeError):
            return None

    def form(self, session: str, sealed: str) -> str:
        """What a form of ours must bring along: it fits one session and one offer."""
        return f"{self._first}.{_mac(self._secrets[self._first], 'form', f'{session}|{sealed}')}"

    def is_form(self, given: str, session: str, sealed: str) -> bool:
        """Whether a form came from our own page in the same browser."""
        name, _, mac = given.partition(".")
        secret = self._secrets.get(name)
        if secret is None or not session or not given.isascii():
            return False
        return hmac.compare_digest(mac, _mac(secret, "form", f"{session}|{sealed}"))


def _name(secret: bytes) -> str:
    return blake2b(secret, digest_size=4, person=b"tocsin key name").hexdigest()


def _mac(secret: bytes, purpose: str, text: str) -> str:
    return _text(hmac.digest(secret, f"{purpose}\n{text}".encode(), sha256)[:_MAC_BYTES])


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

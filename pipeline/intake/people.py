"""Keys of customers: the same person has the same key everywhere, and nobody can read the person off the key."""

import hmac
import re
from typing import Any

from pipeline.intake.values import id_of
from pipeline.places.numbers import at_home

KEY_CHARS = 32  # 128 bits: two of a billion customers never share one
_TELEPHONE = re.compile(r"(?:tel:)?\+?[\d ()-]{11,24}", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)


class CustomerKeys:
    """Makes keys under the company's secret; the secret is in no text of this object."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def key(self, namespace: str, value: Any) -> str | None:
        """The first 32 hex digits of HMAC-SHA256(secret, `namespace:value`); None where there is no id.

        A mobile number of mainland China has one key however it is written, that of its eleven digits.
        """
        said = id_of(value)
        if said is None:
            return None
        return hmac.digest(self._secret, f"{namespace}:{_one_form(said)}".encode(), "sha256").hex()[:KEY_CHARS]


def _one_form(said: str) -> str:
    number = at_home(said) if _TELEPHONE.fullmatch(said) else said
    return number if _MOBILE.fullmatch(number) else said

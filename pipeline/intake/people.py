"""Keys of customers: the same person has the same key everywhere, and nobody can read the person off the key."""

import hmac
from typing import Any

from pipeline.intake.values import id_of

KEY_CHARS = 32  # 128 bits: two of a billion customers never share one


class CustomerKeys:
    """Makes keys under the company's secret; the secret is in no text of this object."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def key(self, namespace: str, value: Any) -> str | None:
        """The first 32 hex digits of HMAC-SHA256(secret, `namespace:value`); None where there is no id."""
        said = id_of(value)
        if said is None:
            return None
        return hmac.digest(self._secret, f"{namespace}:{said}".encode(), "sha256").hex()[:KEY_CHARS]

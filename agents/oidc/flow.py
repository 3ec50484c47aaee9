"""One login: where to send a browser, what it must bring back, and who it then is.

Between the two, what was begun is kept by the browser itself, sealed, so that any board behind one name can go on.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from agents.oidc.provider import Provider
from agents.oidc.refusals import LoginError, Problem
from agents.oidc.settings import Oidc
from agents.oidc.tokens import checked_claims, key_id_of

_CODE_CHARS_MAX = 4_096


class Attempt(Struct, frozen=True):
    """A login that was begun: what ties the answer to this browser, the token to this login, the code to us."""

    state: str
    nonce: str
    verifier: str
    back_to: str  # the page of ours that asked


def new_attempt(back_to: str) -> Attempt:
    """A fresh one."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Attempt(state, nonce, verifier, back_to)


class Flow:
    """Logins of one client at one provider."""

    def __init__(self, oidc: Oidc, provider: Provider, *, redirect_uri: str) -> None:
        self._oidc = oidc
        self._provider = provider
        self._redirect_uri = redirect_uri

    async def begin(self, attempt: Attempt) -> str:
        """The address at the provider to which the browser goes; raises LoginError."""
        challenge = hashlib.sha256(attempt.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._oidc.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": " ".join(self._oidc.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return _with_query((await self._provider.document()).authorization_endpoint, query)

    async def finish(self, attempt: Attempt | None, answer: Mapping[str, str]) -> dict[str, Any]:
        """Claims of who logged in, by what the browser brought back; raises LoginError."""
        if attempt is None or not hmac.compare_digest(attempt.state.encode(), answer.get("state", "").encode()):
            raise LoginError(Problem.STALE, "the answer belongs to no login that this browser began")
        if answer.get("iss", self._oidc.issuer) != self._oidc.issuer:  # RFC 9207
            raise LoginError(Problem.REFUSED, "the answer is another provider's (iss)")
        if "error" in answer:
            raise LoginError(Problem.DENIED, "the provider answered with an error")
        code = answer.get("code", "")
        if not 0 < len(code) <= _CODE_CHARS_MAX:
            raise LoginError(Problem.REFUSED, "the answer has no code")
        token = await self._provider.id_token(code, verifier=attempt.verifier, redirect_uri=self._redirect_uri)
        keys = await self._provider.keys(key_id_of(token))
        return checked_claims(
            token, keys, issuer=self._oidc.issuer, client_id=self._oidc.client_id, nonce=attempt.nonce
        )

    async def farewell(self, back_to: str) -> str:
        """Where the browser logs out at the provider as well; "" where it knows no such place, or is away."""
        try:
            address = (await self._provider.document()).end_session_endpoint
        except LoginError:
            return ""
        query = {"client_id": self._oidc.client_id, "post_logout_redirect_uri": back_to}
        return _with_query(address, query) if address else ""


def _with_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"

"""The provider as it describes itself: where its doors are, its keys, an ID token for a code.

Addresses in its document must lead to the issuer's own origin, or to a host that the settings name: whoever could
write the document must not lead us, or people, anywhere else.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote_plus, urlsplit

import aiohttp
import msgspec

from agents.oidc.client import Client
from agents.oidc.refusals import LoginError, Problem
from agents.oidc.settings import Oidc

_KEPT_SECONDS = 60 * 60  # document and keys: a key that was withdrawn is not believed for longer
_ASKED_AGAIN_SECONDS = 10  # at most so often, whoever sends ids of keys that are not there
_AWAY_SECONDS = 5  # so long everybody is told at once that it is away, instead of waiting in turn

Key = dict[str, Any]  # a JSON Web Key (RFC 7517)


class Document(msgspec.Struct, frozen=True):
    """As much of a discovery document as a login needs (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""  # RP-Initiated Logout 1.0
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)

    @property
    def addresses(self) -> dict[str, str]:
        """Where it leads to, by the names of the fields."""
        fields = ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint")
        return {name: address for name in fields if (address := getattr(self, name)) or name in fields[:3]}


class _Keys(msgspec.Struct, frozen=True):
    keys: tuple[Key, ...]


class _Tokens(msgspec.Struct, frozen=True):
    id_token: Annotated[str, msgspec.Meta(max_length=64 * 1024)]


class Provider:
    """One provider; what it publishes is kept for an hour."""

    def __init__(self, oidc: Oidc, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._oidc = oidc
        self._clock = clock
        self._client = Client(oidc.ca_file)
        self._lock = asyncio.Lock()  # many who log in at once ask once
        self._document: tuple[Document, float] | None = None
        self._keys: tuple[tuple[Key, ...], float] | None = None
        self._away: tuple[LoginError, float] | None = None

    async def close(self) -> None:
        """Give connections back."""
        await self._client.close()

    async def document(self) -> Document:
        """Where its doors are; raises LoginError."""
        async with self._lock:
            if self._document is None or self._clock() - self._document[1] >= _KEPT_SECONDS:
                self._document = await self._described(), self._clock()
            return self._document[0]

    async def _described(self) -> Document:
        if self._away is not None and self._clock() - self._away[1] < _AWAY_SECONDS:
            raise LoginError(self._away[0].problem, str(self._away[0]))
        url = self._oidc.issuer.removesuffix("/") + "/.well-known/openid-configuration"
        try:
            document = await self._client.get(url, Document)
            _check(document, self._oidc)
        except LoginError as error:
            self._away = error, self._clock()
            raise
        return document

    async def keys(self, key_id: str | None) -> tuple[Key, ...]:
        """Keys of an id, or all for None. An id that is not there means that keys were changed: they are read anew."""
        address = (await self.document()).jwks_uri
        async with self._lock:
            keys, read_at = self._keys or ((), -float("inf"))
            age, found = self._clock() - read_at, _of_id(keys, key_id)
            if age >= _KEPT_SECONDS or (not found and age >= _ASKED_AGAIN_SECONDS):
                keys = (await self._client.get(address, _Keys)).keys
                self._keys = keys, self._clock()
                found = _of_id(keys, key_id)
            return found

    async def id_token(self, code: str, *, verifier: str, redirect_uri: str) -> str:
        """The ID token for a code, unchecked; raises LoginError."""
        document = await self.document()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": self._oidc.client_id,
        }
        headers = {}
        if self._oidc.client_secret_file is not None:
            secret = self._oidc.client_secret_file.read_text(encoding="utf-8").strip()
            if "client_secret_basic" in document.token_endpoint_auth_methods_supported:
                # RFC 6749, 2.3.1: both are form-encoded before they are joined.
                login = aiohttp.encode_basic_auth(quote_plus(self._oidc.client_id), quote_plus(secret))
                headers["Authorization"] = login
            else:
                form["client_secret"] = secret
        return (await self._client.post(document.token_endpoint, form, _Tokens, headers=headers)).id_token


def _of_id(keys: tuple[Key, ...], key_id: str | None) -> tuple[Key, ...]:
    signing = tuple(key for key in keys if key.get("use", "sig") == "sig")
    return signing if key_id is None else tuple(key for key in signing if key.get("kid") == key_id)


def _check(document: Document, oidc: Oidc) -> None:
    if document.issuer != oidc.issuer:
        raise LoginError(Problem.AWAY, "the discovery document names another issuer than TOCSIN_BOARD__OIDC__ISSUER")
    own = urlsplit(oidc.issuer)
    for name, address in document.addresses.items():
        parts = urlsplit(address)
        is_own = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
        if not is_own and not (parts.scheme == "https" and parts.hostname in oidc.other_hosts):
            raise LoginError(
                Problem.AWAY, f"{name} leads away from the issuer; name its host in TOCSIN_BOARD__OIDC__OTHER_HOSTS"
            )

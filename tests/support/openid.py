"""An OpenID provider of the tests' own, over real HTTP: it keeps the rules, and lies where a test tells it to."""

import hashlib
import json
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from agents.oidc.settings import Oidc
from agents.settings import Board
from tests.support.boards import Served, served

CLIENT_ID, CLIENT_SECRET = "board", "a secret: with signs+"
PUBLIC_URL = "http://127.0.0.1"


@cache
def _private_key(whose: str) -> rsa.RSAPrivateKey:
    """Made once: it takes half a second."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


class SigningKey:
    """A key pair of somebody, and how its public half is published."""

    def __init__(self, key_id: str, whose: str) -> None:
        self.key_id = key_id
        self.private = _private_key(whose)

    @property
    def published(self) -> dict[str, Any]:
        """As a JSON Web Key."""
        jwk = json.loads(RSAAlgorithm.to_jwk(self.private.public_key()))
        return {**jwk, "kid": self.key_id, "use": "sig", "alg": "RS256"}


class OpenidProvider:
    """Knows one person, who always says yes."""

    def __init__(self) -> None:
        self.key = SigningKey("k1", "provider")
        self.published = [self.key.published]
        self.claims: dict[str, Any] = {"sub": "u-1", "preferred_username": "desk", "groups": ["tocsin-operator"]}
        self.document: dict[str, Any] = {}  # instead of what is true
        self.token: str | None = None  # instead of a signed one
        self.asked: list[str] = []  # paths
        self._codes: dict[str, dict[str, str]] = {}
        routes = {
            "/.well-known/openid-configuration": self._describe,
            "/authorize": self._authorize,
            "/keys": self._keys,
            "/bye": self._let_go,
        }
        app = web.Application(middlewares=[self._note])
        for path, handler in routes.items():
            app.router.add_get(path, handler)
        app.router.add_post("/token", self._redeem)
        self.server = TestServer(app)

    @property
    def issuer(self) -> str:
        """Its name."""
        return str(self.server.make_url("")).rstrip("/")

    def code(self, address: str) -> str:
        """A code for the login that an address of ours asks for, as if somebody had said yes on the page there."""
        asked = query_of(address)
        code = hashlib.sha256(f"{asked['state']}{len(self._codes)}".encode()).hexdigest()
        self._codes[code] = asked
        return code

    def told(self, nonce: str, **changes: Any) -> dict[str, Any]:
        """Claims as they should be, but for some; None leaves one out."""
        now_s = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now_s, "exp": now_s + 300, "nonce": nonce, **self.claims}
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def signed(self, nonce: str, **changes: Any) -> str:
        """An ID token of these."""
        return jwt.encode(self.told(nonce, **changes), self.key.private, "RS256", {"kid": self.key.key_id})

    @web.middleware
    async def _note(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request.path)
        return await handler(request)

    async def _describe(self, _: web.Request) -> web.Response:
        true = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/bye",
        }
        return web.json_response(true | self.document)

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": self.published})

    async def _authorize(self, request: web.Request) -> web.Response:
        answer = {"state": request.query["state"], "code": self.code(str(request.url)), "iss": self.issuer}
        raise web.HTTPFound(f"{request.query['redirect_uri']}?{urlencode(answer)}")

    async def _let_go(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(request.query["post_logout_redirect_uri"])

    async def _redeem(self, request: web.Request) -> web.Response:
        form = await request.post()
        login = b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        if [unquote_plus(part) for part in login.partition(":")[::2]] != [CLIENT_ID, CLIENT_SECRET]:
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self._codes.pop(str(form["code"]), None)  # a code is good once
        challenge = urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=")
        if asked is None or asked["code_challenge"] != challenge.decode():
            return web.json_response({"error": "invalid_grant"}, status=400)
        if asked["redirect_uri"] != form["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = self.token or self.signed(asked["nonce"])
        return web.json_response({"access_token": "x", "token_type": "Bearer", "id_token": token})


@asynccontextmanager
async def openid_provider() -> AsyncIterator[OpenidProvider]:
    """A provider that answers while the block runs."""
    it = OpenidProvider()
    async with it.server:
        yield it


@asynccontextmanager
async def board_with_provider(
    tmp_path: Path, *, public_url: str = PUBLIC_URL, port: int | None = None, **changes: Any
) -> AsyncIterator[tuple[Served, OpenidProvider]]:
    """A board whose people log in at a provider, and that provider."""
    secret = tmp_path / "client-secret"
    secret.write_text(CLIENT_SECRET + "\n", encoding="utf-8")
    async with openid_provider() as provider:
        oidc = Oidc(issuer=provider.issuer, client_id=CLIENT_ID, client_secret_file=secret, **changes)
        async with served(Board(public_url=public_url, oidc=oidc), port=port) as board:
            yield board, provider


async def leave(board: Served, back: str = "/") -> str:
    """Where the board sends a browser that wants to log in."""
    async with board.client.get("/login/oidc", params={"back": back}, allow_redirects=False) as answer:
        assert answer.status == 303
        return answer.headers["Location"]


async def come_back(board: Served, **answer: str) -> str:
    """Where a browser lands that brings this back from the provider."""
    async with board.client.get("/login/callback", params=answer, allow_redirects=False) as landed:
        assert landed.status == 303
        return landed.headers["Location"]


async def journey(board: Served, provider: OpenidProvider, **changes: str) -> str:
    """Where a browser lands that went and came back, maybe with something changed."""
    address = await leave(board)
    return await come_back(board, **{"code": provider.code(address), "state": query_of(address)["state"]} | changes)


def query_of(address: str) -> dict[str, str]:
    """The query of an address."""
    return dict(parse_qsl(urlsplit(address).query))


async def me(board: Served) -> Any:
    """Who the board thinks is asking; None for nobody."""
    status, body = await board.get("/api/me")
    return body if status == 200 else None

"""Coming in and going out: a token, or a journey to the OpenID provider and back.

Where a journey ends badly the board's page says why, in one of a few words. Nothing that was brought along is shown,
logged or followed: people land on a page of ours, whatever address they were given.
"""

import time
from urllib.parse import urlsplit

import msgspec
import structlog
from aiohttp import web

from agents.board.access import ATTEMPT_SECONDS, COOKIE, PROVIDED_SECONDS, SESSION_SECONDS, Access
from agents.board.answers import json_answer
from agents.oidc.claims import groups_of, name_of
from agents.oidc.flow import Flow, new_attempt
from agents.oidc.provider import Provider
from agents.oidc.refusals import LoginError
from agents.settings import Board

log = structlog.get_logger("tocsin.board")

ATTEMPT_COOKIE = "tocsin_login"
BACK = "/login/callback"
_PAGES = frozenset({"/", "/backtests"})
_BACK_CHARS_MAX = 1_000  # of an address to come back to: a cookie holds it

_decode_login = msgspec.json.Decoder(dict[str, str]).decode


class LoginPages:
    """Gives cookies, and takes them away."""

    def __init__(self, board: Board, access: Access, provider: Provider | None) -> None:
        self._access = access
        self._is_secure = board.public_url.startswith("https:")
        self._own = board.public_url.removesuffix("/")
        self._journey = _Journey(board, access, provider) if provider is not None else None

    def routes(self) -> list[web.RouteDef]:
        """Where they are."""
        found = [web.post("/login", self.log_in), web.post("/logout", self.log_out)]
        if self._journey is not None:
            found += [web.get("/login/oidc", self._journey.leave), web.get(BACK, self._journey.come_back)]
        return found

    async def log_in(self, request: web.Request) -> web.Response:
        """By token."""
        try:
            token = _decode_login(await request.read()).get("token", "")
        except ValueError as error:  # no JSON, other fields, or no UTF-8
            raise web.HTTPBadRequest(text="expected a token\n") from error
        found = self._access.log_in(token, now_s=time.time())
        if found is None:
            raise web.HTTPUnauthorized(text="unknown token\n")
        identity, cookie = found
        response = json_answer({"name": identity.name, "role": identity.role})
        _give(response, cookie, lasts_seconds=SESSION_SECONDS, is_secure=self._is_secure or request.secure)
        return response

    async def log_out(self, request: web.Request) -> web.Response:
        """Here; and the answer says where at the provider."""
        goes_on = ""
        if self._journey is not None and self._access.is_provided(request.cookies, now_s=time.time()):
            goes_on = await self._journey.flow.farewell(f"{self._own}/")
        response = json_answer({"continue_at": goes_on})
        response.del_cookie(COOKIE, path="/")
        return response


class _Journey:
    def __init__(self, board: Board, access: Access, provider: Provider) -> None:
        self._board = board
        self._access = access
        self._is_secure = board.public_url.startswith("https:")
        self.flow = Flow(board.oidc, provider, redirect_uri=board.public_url.removesuffix("/") + BACK)

    async def leave(self, request: web.Request) -> web.Response:
        """To the provider."""
        attempt = new_attempt(own_page(request.query.get("back", "/")))
        try:
            response = _to(await self.flow.begin(attempt))
        except LoginError as error:
            return _refused(error)
        kept = self._access.attempts.close(attempt, now_s=time.time())
        # Lax: the provider's page sends the browser back here, and that must bring the cookie along.
        response.set_cookie(
            ATTEMPT_COOKIE,
            kept,
            max_age=ATTEMPT_SECONDS,
            path="/login",
            httponly=True,
            samesite="Lax",
            secure=self._is_secure,
        )
        return response

    async def come_back(self, request: web.Request) -> web.Response:
        """From the provider."""
        oidc = self._board.oidc
        attempt = self._access.attempts.open(request.cookies.get(ATTEMPT_COOKIE, ""), now_s=time.time())
        try:
            claims = await self.flow.finish(attempt, request.query)
            name, groups = name_of(claims, oidc.name_claim), groups_of(claims, oidc.role_claim)
            cookie = self._access.admit(name, groups, now_s=time.time())
        except LoginError as error:
            response = _refused(error)
        else:
            response = _to(attempt.back_to if attempt else "/")
            _give(response, cookie, lasts_seconds=PROVIDED_SECONDS, is_secure=self._is_secure)
        response.del_cookie(ATTEMPT_COOKIE, path="/login")
        return response


def own_page(address: str) -> str:
    """A page of ours, with its filters; the board for anything else."""
    try:
        parts = urlsplit(address[:_BACK_CHARS_MAX])
    except ValueError:  # such as //[
        return "/"
    if parts.scheme or parts.netloc or parts.path not in _PAGES:
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _refused(error: LoginError) -> web.Response:
    log.warning("board_login_refused", problem=error.problem, detail=str(error))
    return _to(f"/?login={error.problem}")


def _to(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})


def _give(response: web.Response, cookie: str, *, lasts_seconds: int, is_secure: bool) -> None:
    response.set_cookie(
        COOKIE, cookie, max_age=lasts_seconds, httponly=True, samesite="Strict", secure=is_secure, path="/"
    )

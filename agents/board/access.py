"""Who may see the board, and do what.

By token, by the company's OpenID provider, by a header of a trusted proxy, or everybody on this machine alone. No
session is stored. A cookie that came of a token is worth nothing once the token's line is gone; what a provider said of
somebody is believed for a working day.
"""

import hmac
import ipaddress
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from agents.board.cookies import Seal
from agents.oidc.flow import Attempt
from agents.oidc.refusals import LoginError, Problem
from agents.settings import Board
from agents.web.loopback import LOCAL, let_in_by
from agents.web.tokens import NAME_CHARS_MAX, AccessError, Holder, Tokens
from pipeline.incidents.roles import Role

COOKIE = "tocsin_board"
SESSION_SECONDS = 12 * 60 * 60  # of a token, which can be taken away at any moment
_SECRET_BYTES_MIN = 32
ATTEMPT_SECONDS = 10 * 60  # from leaving for the provider to coming back; a second factor takes its time
PROVIDED_SECONDS = 8 * 60 * 60  # of what the provider said: who leaves the company is out after so long


class Identity(Struct, frozen=True):
    """Somebody who was let in."""

    name: str
    role: Role


class TokenSession(Struct, frozen=True):
    """Somebody who showed a token; the hash is that of its line, so a new token under an old name is a new login."""

    name: str
    token_hash: str


class ProvidedSession(Struct, frozen=True):
    """Somebody whom an OpenID provider knows."""

    name: str
    role: Role
    issuer: str


class Access:
    """Lets in or not."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._tokens = Tokens(board.tokens_file, Role) if board.tokens_file else None
        self._networks = [ipaddress.ip_network(each) for each in board.proxy_addresses]
        secret = board.session_secret_file
        key = _secret_of(secret) if secret else secrets.token_bytes(_SECRET_BYTES_MIN)
        self._by_token = Seal(TokenSession, key, lasts_seconds=SESSION_SECONDS)
        self._by_provider = Seal(ProvidedSession, key, lasts_seconds=PROVIDED_SECONDS)
        self.attempts = Seal(Attempt, key, lasts_seconds=ATTEMPT_SECONDS)
        if not self.ways and self._let_in_by:
            raise AccessError(
                f"nobody could log in, and {self._let_in_by}: set TOCSIN_BOARD__TOKENS_FILE "
                "(lines by `tocsin board-token`), TOCSIN_BOARD__OIDC__ISSUER or TOCSIN_BOARD__PROXY_USER_HEADER; "
                "or listen on 127.0.0.1, without TOCSIN_BOARD__PUBLIC_URL and TOCSIN_BOARD__PROXY_ADDRESSES"
            )
        if board.proxy_user_header and not self._networks:
            raise AccessError("anybody could send the header: set TOCSIN_BOARD__PROXY_ADDRESSES to the proxy's own")
        public = urlsplit(board.public_url)
        if board.oidc.is_used and not (public.scheme == "https" or public.hostname in LOCAL):
            raise AccessError(
                "the OpenID provider sends people back to TOCSIN_BOARD__PUBLIC_URL: set it to the board's https address"
            )

    @property
    def is_open(self) -> bool:
        """Whether everybody on this machine is let in: no login is set up, and nobody else is meant to come."""
        return not self.ways and not self._let_in_by

    @property
    def _let_in_by(self) -> str:
        board = self._board
        return let_in_by(board.host, public_url=board.public_url, proxy_addresses=board.proxy_addresses)

    @property
    def ways(self) -> tuple[str, ...]:
        """How people log in: `oidc`, `token`, `proxy`."""
        board = self._board
        has = {"oidc": board.oidc.is_used, "token": self._tokens is not None, "proxy": bool(board.proxy_user_header)}
        return tuple(way for way, is_there in has.items() if is_there)

    def identify(
        self, headers: Mapping[str, str], cookies: Mapping[str, str], *, peer: str, now_s: float
    ) -> Identity | None:
        """Who asks; None for nobody we know."""
        if self.is_open:
            return Identity("local", Role.OPERATOR)
        if self._is_proxy(peer) and (who := self._of_proxy(headers)):
            return who  # whom it does not name may still have a token or a cookie, as programs and walls do
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer":
            return _identity(self._holder(token))
        cookie = cookies.get(COOKIE, "")
        return self._of_token_cookie(cookie, now_s) or self._of_provider_cookie(cookie, now_s)

    def log_in(self, token: str, *, now_s: float) -> tuple[Identity, str] | None:
        """Who a token is, and the cookie for later."""
        holder = self._holder(token)
        if holder is None:
            return None
        kept = TokenSession(holder.name, holder.token_hash)
        return Identity(holder.name, holder.role), self._by_token.close(kept, now_s=now_s)

    def admit(self, name: str, groups: Collection[str], *, now_s: float) -> str:
        """The cookie of somebody whom the OpenID provider knows; a LoginError where no group lets them in."""
        role, viewers = self._role(groups), self._board.oidc.viewer_group
        if role is Role.VIEWER and viewers and viewers not in groups:
            raise LoginError(Problem.NO_ROLE, "somebody without the group of TOCSIN_BOARD__OIDC__VIEWER_GROUP")
        return self._by_provider.close(ProvidedSession(name, role, self._board.oidc.issuer), now_s=now_s)

    def is_provided(self, cookies: Mapping[str, str], *, now_s: float) -> bool:
        """Whether it was the OpenID provider who let them in."""
        return self._of_provider_cookie(cookies.get(COOKIE, ""), now_s) is not None

    def _holder(self, token: str) -> Holder[Role] | None:
        if self._tokens is None:
            return None
        self._tokens.reload()
        return self._tokens.of_token(token)

    def _of_token_cookie(self, cookie: str, now_s: float) -> Identity | None:
        kept = self._by_token.open(cookie, now_s=now_s)
        if kept is None or self._tokens is None:
            return None
        self._tokens.reload()
        holder = self._tokens.of_name(kept.name)
        is_same = holder is not None and hmac.compare_digest(holder.token_hash, kept.token_hash)
        return _identity(holder) if is_same else None

    def _of_provider_cookie(self, cookie: str, now_s: float) -> Identity | None:
        kept = self._by_provider.open(cookie, now_s=now_s)
        is_ours = kept is not None and self._board.oidc.is_used and kept.issuer == self._board.oidc.issuer
        return Identity(kept.name, kept.role) if kept is not None and is_ours else None

    def _is_proxy(self, peer: str) -> bool:
        if not self._board.proxy_user_header:
            return False
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._networks)

    def _of_proxy(self, headers: Mapping[str, str]) -> Identity | None:
        board = self._board
        name = headers.get(board.proxy_user_header, "").strip()
        if not name:
            return None
        groups = {each.strip() for each in headers.get(board.proxy_groups_header, "").split(",")}
        return Identity(name[:NAME_CHARS_MAX], self._role(groups))

    def _role(self, groups: Collection[str]) -> Role:
        if self._board.admin_group in groups:
            return Role.ADMIN
        return Role.OPERATOR if self._board.operator_group in groups else Role.VIEWER


def _secret_of(file: Path) -> bytes:
    secret = file.read_bytes()
    if len(secret.strip()) < _SECRET_BYTES_MIN:
        raise AccessError(
            f"anybody could guess a session: TOCSIN_BOARD__SESSION_SECRET_FILE holds {len(secret.strip())} bytes, "
            f"and must hold {_SECRET_BYTES_MIN}; `openssl rand -hex 32` makes a good one"
        )
    return secret


def _identity(holder: Holder[Role] | None) -> Identity | None:
    return Identity(holder.name, holder.role) if holder is not None else None

"""Who may see the board, and do what: by token, by a header of a trusted proxy, or everybody on this machine alone.

OpenID Connect belongs to a proxy in front (oauth2-proxy and its like), which then sends the header: a login flow of
our own would be one more thing to keep safe. No session is stored: a cookie is the name of a token's line, a time and
a signature over both, and it is worth nothing once the line is gone.
"""

import hmac
import ipaddress
import secrets
from collections.abc import Mapping

from msgspec import Struct

from agents.settings import Board
from agents.web.tokens import AccessError, Holder, Tokens
from pipeline.incidents.roles import Role

COOKIE = "tocsin_board"
SESSION_SECONDS = 12 * 60 * 60
_SIGNED = "sha256"


class Identity(Struct, frozen=True):
    """Somebody who was let in."""

    name: str
    role: Role


class Access:
    """Lets in or not."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._tokens = Tokens(board.tokens_file, Role) if board.tokens_file else None
        self._networks = [ipaddress.ip_network(each) for each in board.proxy_addresses]
        secret = board.session_secret_file
        self._secret = secret.read_bytes() if secret else secrets.token_bytes(32)
        if not (self._tokens or board.proxy_user_header or self.is_open):
            raise AccessError(
                f"nobody could log in, and {board.host} is not this machine alone: set TOCSIN_BOARD__TOKENS_FILE "
                "(lines by `tocsin board-token`) or TOCSIN_BOARD__PROXY_USER_HEADER, or listen on 127.0.0.1"
            )
        if board.proxy_user_header and not self._networks:
            raise AccessError("anybody could send the header: set TOCSIN_BOARD__PROXY_ADDRESSES to the proxy's own")

    @property
    def is_open(self) -> bool:
        """Whether everybody on this machine is let in: no login is set up, and nobody else can reach the port."""
        board = self._board
        return not (board.tokens_file or board.proxy_user_header) and board.host in {"127.0.0.1", "::1", "localhost"}

    @property
    def takes_tokens(self) -> bool:
        """Whether there is anything to log in with."""
        return self._tokens is not None

    def identify(
        self, headers: Mapping[str, str], cookies: Mapping[str, str], *, peer: str, now_s: float
    ) -> Identity | None:
        """Who asks; None for nobody we know."""
        if self.is_open:
            return Identity("local", Role.OPERATOR)
        if self._is_proxy(peer):
            return self._of_proxy(headers)
        if self._tokens is None:
            return None
        self._tokens.reload()
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer":
            return _identity(self._tokens.of_token(token))
        return self._of_cookie(cookies.get(COOKIE, ""), self._tokens, now_s)

    def log_in(self, token: str, *, now_s: float) -> tuple[Identity, str] | None:
        """Who a token is, and the cookie for later."""
        if self._tokens is None:
            return None
        self._tokens.reload()
        identity = _identity(self._tokens.of_token(token))
        if identity is None:
            return None
        return identity, self._signed(identity.name, int(now_s) + SESSION_SECONDS, self._tokens)

    def _of_cookie(self, cookie: str, tokens: Tokens[Role], now_s: float) -> Identity | None:
        name, _, rest = cookie.rpartition("|")[0].rpartition("|")
        holder = tokens.of_name(name)
        if holder is None or not rest.isdecimal() or int(rest) < now_s:
            return None
        return _identity(holder) if hmac.compare_digest(self._signed(name, int(rest), tokens), cookie) else None

    def _signed(self, name: str, until_s: int, tokens: Tokens[Role]) -> str:
        """The token's hash is part of what is signed: a new token under an old name is a new login."""
        holder = tokens.of_name(name)
        text = f"{name}|{until_s}"
        what = f"{text}|{holder.token_hash if holder else ''}".encode()
        return f"{text}|{hmac.new(self._secret, what, _SIGNED).hexdigest()}"

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
        role = Role.ADMIN if board.admin_group in groups else Role.VIEWER
        if role is Role.VIEWER and board.operator_group in groups:
            role = Role.OPERATOR
        return Identity(name[:128], role)


def _identity(holder: Holder[Role] | None) -> Identity | None:
    return Identity(holder.name, holder.role) if holder is not None else None

"""Whose hints somebody may see: an agent the own ones, a call-centre system those of any agent."""

from collections.abc import Mapping
from enum import StrEnum

from agents.settings import Hints
from agents.web.loopback import let_in_by
from agents.web.tokens import AccessError, Tokens

SUBPROTOCOL = "tocsin.hints.v1"
BEARER = "bearer."  # before the token in a subprotocol: a WebSocket of a browser can send no header of its own


class HintRole(StrEnum):
    """Whose hints a token opens."""

    AGENT = "agent"  # those of the agent whose id is the token's name
    DESK = "desk"  # those of every agent: for the system that all desktops belong to


class Access:
    """Lets in or not."""

    def __init__(self, hints: Hints) -> None:
        self._tokens = Tokens(hints.tokens_file, HintRole) if hints.tokens_file else None
        self._origins = frozenset(hints.allowed_origins)
        others = let_in_by(hints.host, public_url=hints.public_url, proxy_addresses=hints.proxy_addresses)
        if self._tokens is None and others:
            raise AccessError(
                f"anybody could read what customers say, and {others}: set TOCSIN_HINTS__TOKENS_FILE "
                "(lines by `tocsin hints-token`); or listen on 127.0.0.1, without TOCSIN_HINTS__PUBLIC_URL and "
                "TOCSIN_HINTS__PROXY_ADDRESSES"
            )

    @property
    def is_open(self) -> bool:
        """Whether whoever sits at this machine sees everything: no token is asked for, and nobody else comes in."""
        return self._tokens is None

    def agent_of(self, headers: Mapping[str, str], asked: str) -> str | None:
        """The agent whose hints are shown; None where that is not allowed. `asked` is "" where nobody was named."""
        if self._tokens is None:
            return asked or None
        self._tokens.reload()
        holder = self._tokens.of_token(token_of(headers))
        if holder is None:
            return None
        if holder.role is HintRole.DESK:
            return asked or None
        return holder.name if asked in {"", holder.name} else None

    def takes_origin(self, origin: str, host: str) -> bool:
        """Whether a page of that origin may listen. A program sends none; a page of our own host is always let in."""
        return not origin or origin in self._origins or origin.partition("://")[2] == host


def token_of(headers: Mapping[str, str]) -> str:
    """The token of a request, from its header or from the subprotocols of a WebSocket; never from the address."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer":
        return token
    offered = (each.strip() for each in headers.get("Sec-WebSocket-Protocol", "").split(","))
    return next((each.removeprefix(BEARER) for each in offered if each.startswith(BEARER)), "")

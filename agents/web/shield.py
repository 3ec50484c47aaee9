"""What every answer carries and no request gets past: security headers, the host's name, where a form came from, rates.

The page has no inline script and no foreign origin, so its policy can forbid both.
"""

import time
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from agents.web.loopback import LOCAL

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_KNOWN_MAX = 10_000  # addresses remembered by one limit
# Supervisors ask these by the address of a container, which nobody knows beforehand; the answers name nobody.
_PROBES = ("/livez", "/readyz")


class Place(Protocol):
    """Settings of a server: where it listens, and how people reach it."""

    @property
    def host(self) -> str:
        """The address that it listens on."""

    @property
    def public_url(self) -> str:
        """As people type it; "" where nobody comes from elsewhere."""

    @property
    def proxy_addresses(self) -> tuple[str, ...]:
        """Proxies that say the truth about whom they speak for."""


class Rate:
    """So many at once, and so many a second, of each address."""

    def __init__(self, *, burst: float, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def takes(self, who: str) -> bool:
        """Whether one more is within the limit."""
        now = self._clock()
        left, at = self._left.pop(who, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        is_taken = left >= 1
        self._left[who] = (left - is_taken, now)
        if len(self._left) > _KNOWN_MAX:
            self._left.pop(next(iter(self._left)))
        return is_taken


def shield(place: Place) -> Middleware:
    """The middleware in front of everything."""
    public = urlsplit(place.public_url)
    proxies = [ip_network(each) for each in place.proxy_addresses]
    asked = Rate(burst=1_000, per_second=100)  # a page loads some fifteen things; an office may have one address
    acts = Rate(burst=20, per_second=2)  # tokens tried, and actions
    journeys = Rate(burst=100, per_second=10)  # to an OpenID provider and back: an office begins its day at once

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        peer = client_of(request, proxies)
        if request.path not in _PROBES and not _is_ours(_host_of(request), place, public.hostname):
            raise web.HTTPMisdirectedRequest(text="unknown host\n")
        is_act = request.method == "POST"
        if is_act:
            _same_origin(request, public.netloc)
        is_journey = not is_act and request.path.startswith("/login/")
        is_within = asked.takes(peer) and (not is_act or acts.takes(peer)) and (not is_journey or journeys.takes(peer))
        if not is_within:
            raise web.HTTPTooManyRequests(text="slower, please\n", headers={"Retry-After": "5"})
        return await handler(request)

    return guard


def client_of(request: web.Request, proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """Whose request it is. Each proxy may have written a line of its own; the last line is the nearest proxy's."""
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
    return client_address(request.remote or "", forwarded, proxies)


def client_address(peer: str, forwarded: str, proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """Whose request it is: behind a trusted proxy the last address that is not a proxy's own."""
    hops = [each.strip() for each in forwarded.split(",") if each.strip()]
    while hops and _is_in(peer, proxies):
        peer = hops.pop()
    return peer


def _is_in(peer: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in networks)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: before an answer is sent, also a refusal."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith(("/api", "/log")):
        response.headers.setdefault("Cache-Control", "no-store")


def _is_ours(host: str, place: Place, public: str | None) -> bool:
    """Not another site's name that leads to this machine."""
    if public:
        return host in {public, *LOCAL}
    return place.host not in LOCAL or host in LOCAL


def _host_of(request: web.Request) -> str:
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError as error:
        raise web.HTTPBadRequest(text="Host: expected a name or an address\n") from error


def _same_origin(request: web.Request, public: str) -> None:
    """A form of another site cannot send JSON, nor hide where it comes from.

    A proxy may ask us by a name of its own; our page then comes from the public one.
    """
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="expected application/json\n")
    origin = request.headers.get("Origin")
    if origin is not None and _netloc_of(origin) not in {request.host, public or request.host}:
        raise web.HTTPForbidden(text="another origin\n")


def _netloc_of(origin: str) -> str:
    """Host and port; "" of what is no address: that is no origin of ours."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""

"""Where a server listens: an address that the internet reaches is refused, and a port that is taken is said clearly."""

import ipaddress
from typing import NamedTuple

from aiohttp import web

from pipeline.errors import TocsinError


class AddressError(TocsinError):
    """A server cannot listen where it was told to; the message says why and what to change."""


class Address(NamedTuple):
    """Where a server listens; the port is the real one, also when 0 was asked for."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """As somebody on this machine would type it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def refuse_public(host: str) -> None:
    """Refuse an address that the internet reaches: the page shows how the company's complaints run."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a name: whoever gives one knows what it resolves to
        return
    if address.is_global:
        raise AddressError(
            f"{host} is a public address; listen on a private one such as 127.0.0.1, or on 0.0.0.0 in a pod"
        )


async def listen(runner: web.AppRunner, host: str, port: int, *, setting: str) -> Address:
    """Begin to answer requests; raises an AddressError that names the setting of the port."""
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise AddressError(f"cannot listen on {host}:{port}: {error}; set {setting}") from error
    return Address(*runner.addresses[0][:2])

"""Where messages may go: an allow list of hosts. A setting or a name server must not lead us into our own network.

The check is made twice: the host of an address must be listed, and the addresses that its name resolves to must be
public, at the moment of connecting, so that a name that changes its mind (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver
from aiohttp.resolver import ThreadedResolver

VENDOR_HOSTS = frozenset(
    {
        "oapi.dingtalk.com",
        "api.dingtalk.com",
        "qyapi.weixin.qq.com",
        "open.feishu.cn",
        "open.larksuite.com",
        "events.pagerduty.com",
        "events.eu.pagerduty.com",
        "hooks.slack.com",
    }
)


class Targets:
    """Hosts that may be written to. `private` ones may be on our own network, and may be spoken to without TLS."""

    def __init__(self, hosts: Iterable[str] = (), *, private: Iterable[str] = ()) -> None:
        self.private = frozenset(host.lower() for host in private)
        self.hosts = VENDOR_HOSTS | {host.lower() for host in hosts} | self.private

    def host_problem(self, host: str) -> str | None:
        """Why a server that is no web server is refused; None where it is fine."""
        is_listed = host.lower() in self.hosts
        return None if is_listed else f"is {host}, which is not allowed; add it to allow_hosts or allow_private_hosts"

    def problem(self, url: str) -> str | None:
        """Why an address is refused, without repeating it, since it may hold a token; None where it is fine."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
            _ = parts.port
        except ValueError:
            return "is no address; write https://host/path"
        if parts.username is not None or parts.password is not None:
            return "holds a user name; put secrets into the vendor's own field"
        if host not in self.hosts:
            return f"leads to {host or 'no host'}, which is not allowed; add it to allow_hosts"
        if parts.scheme != "https" and not (parts.scheme == "http" and host in self.private):
            return "must begin with https://"
        if host not in self.private and _is_literal(host) and not _is_public(host):
            return f"leads to {host}, which is not a public address; add it to allow_private_hosts"
        return None

    def resolver(self) -> AbstractResolver:
        """A resolver for connections that gives away no address inside our network, but of private hosts."""
        return _Guarded(self.private)


class _Guarded(AbstractResolver):
    def __init__(self, private: frozenset[str]) -> None:
        self._private = private
        self._resolver = ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[Any]:
        """Addresses of a host; raises OSError when none of them may be used."""
        found = await self._resolver.resolve(host, port, family)
        usable = [each for each in found if host.lower() in self._private or _is_public(each["host"])]
        if not usable:
            raise OSError(None, "the name resolves to no public address")
        return list(usable)

    async def close(self) -> None:
        """Nothing is kept."""
        await self._resolver.close()


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(host: str) -> bool:
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_global and not address.is_multicast

"""Names of this machine alone: what goes there, nobody is in between.

A proxy on the same machine brings others to an address of this machine alone, so where one listens is half of it.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


def let_in_by(host: str, *, public_url: str, proxy_addresses: Collection[str]) -> str:
    """The setting by which others than this machine come in, as an error says it; "" where none does."""
    if host not in LOCAL:
        return f"{host} is not this machine alone"
    if public_url and urlsplit(public_url).hostname not in LOCAL:
        return f"PUBLIC_URL is {public_url}, so others than this machine come in"
    if proxy_addresses:
        return "PROXY_ADDRESSES names proxies, so others than this machine come in"
    return ""

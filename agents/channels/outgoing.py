"""Sending over HTTP: bounded in time and size, to allowed hosts only, no redirect followed, nothing secret told."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Self

import aiohttp

from agents.channels.base import Answer, Channel, Judgement, Message, Request, Vendor
from agents.channels.targets import Targets
from schemas.deliveries import Outcome

TIMEOUT_SECONDS = 10.0  # connecting, sending and reading together
ANSWER_BYTES_MAX = 64 * 1024
# Alerts come many seconds apart, and none should wait for a name and a handshake. Vendors close after a minute.
KEEP_CONNECTION_SECONDS = 50.0
KEEP_ADDRESS_SECONDS = 60
CONNECTIONS_TO_ONE_HOST = 4
_RETRY_AFTER_SECONDS_MAX = 3_600.0
_RETRY_AFTER_HEADERS = ("Retry-After", "x-ogw-ratelimit-reset")  # the latter is Feishu's; both are seconds


class Outgoing:
    """One HTTP session for all channels."""

    def __init__(self, targets: Targets, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._targets = targets
        self._timeout_seconds = timeout_seconds
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self._targets.resolver(),
                limit_per_host=CONNECTIONS_TO_ONE_HOST,
                keepalive_timeout=KEEP_CONNECTION_SECONDS,
                ttl_dns_cache=KEEP_ADDRESS_SECONDS,
            ),
            timeout=aiohttp.ClientTimeout(total=self._timeout_seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # a proxy of the environment would connect for us, wherever it likes
            headers={"User-Agent": "tocsin"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, request: Request) -> Answer | Judgement:
        """The answer; where there is none, the judgement that says why."""
        if self._session is None:
            raise RuntimeError("Outgoing is used inside `async with`")
        url = request.url.get_secret_value()
        if self._targets.problem(url) is not None:
            return Judgement(Outcome.REFUSED, "target")
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._exchange(self._session, request, url)
        except TimeoutError:
            return Judgement(Outcome.UNREACHABLE, "timeout")
        except (aiohttp.ClientError, OSError):  # its text may hold the address, and the address a token
            return Judgement(Outcome.UNREACHABLE, "network")

    async def _exchange(self, session: aiohttp.ClientSession, request: Request, url: str) -> Answer:
        async with session.request(
            request.method, url, data=request.body or None, headers=request.headers, allow_redirects=False
        ) as answer:
            body = b""
            async for chunk in answer.content.iter_chunked(8 * 1024):
                body += chunk
                if len(body) > ANSWER_BYTES_MAX:  # no vendor answers so much; what was cut is no JSON and no success
                    answer.close()
                    break
            return Answer(answer.status, body[:ANSWER_BYTES_MAX], _retry_after(answer.headers))


class HttpChannel(Channel):
    """A vendor and the way to it."""

    def __init__(self, vendor: Vendor, outgoing: Outgoing) -> None:
        self._vendor = vendor
        self._outgoing = outgoing

    async def send(self, message: Message, *, now_ms: int) -> Judgement:
        """Try once."""
        request = self._vendor.request(message, now_ms=now_ms)
        if isinstance(request, Judgement):
            return request
        answer = await self._outgoing.send(request)
        return answer if isinstance(answer, Judgement) else self._vendor.judge(answer)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    header = next((headers[name] for name in _RETRY_AFTER_HEADERS if name in headers), "")
    try:
        seconds = float(header)
    except ValueError:  # absent, or a date, which nobody of ours sends
        return None
    return timedelta(seconds=min(seconds, _RETRY_AFTER_SECONDS_MAX)) if seconds >= 0 else None

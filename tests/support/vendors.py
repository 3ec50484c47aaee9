"""A server that behaves like a vendor, also like one on a bad day: it answers what a test scripted, hangs, cuts off."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.support.cluster import PATIENCE_SECONDS


class Seen(NamedTuple):
    """One request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The last value of every parameter."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


class Reply(NamedTuple):
    """What to answer."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = {}


def said(status_code: int = 200, /, **body: Any) -> Reply:
    """A JSON answer."""
    return Reply(json.dumps(body).encode(), status_code)


HANGS = Reply(b"hangs", -1)
CUTS = Reply(b"cuts", -2)
FLOODS = Reply(b"floods", -4)  # bytes without end, as fast as they are taken
DRIPS = Reply(b"drips", -3)  # a byte now and then, so that no single read ever waits for long

Answering = Callable[[Seen], Reply]


@dataclass
class FakeVendor:
    """What it was asked, and what it will answer: `replies` first, then whatever `answering` says."""

    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    replies: deque[Reply] = field(default_factory=deque)
    answering: Answering = lambda _: said(errcode=0, errmsg="ok", code=0)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def has_seen(self, count: int, *, within_seconds: float = PATIENCE_SECONDS) -> None:
        """Until so many requests came."""
        async with asyncio.timeout(within_seconds):
            while len(self.seen) < count:
                self.arrived.clear()
                await self.arrived.wait()


@asynccontextmanager
async def fake_vendor(port: int = 0) -> AsyncIterator[FakeVendor]:
    """A vendor on this machine."""
    vendor = FakeVendor()
    open_ones: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        open_ones.add(task)
        try:
            while await _exchange(vendor, reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            open_ones.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    vendor.port = server.sockets[0].getsockname()[1]
    try:
        yield vendor
    finally:
        server.close()
        for task in list(open_ones):
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


async def _exchange(vendor: FakeVendor, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    seen = Seen(method, target, headers, body)
    reply = vendor.replies.popleft() if vendor.replies else vendor.answering(seen)
    vendor.seen.append(seen)
    vendor.arrived.set()
    if reply is HANGS:
        await asyncio.Event().wait()
    if reply is CUTS:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
        await writer.drain()
        return False
    if reply is FLOODS:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500000000000\r\n\r\n")
        while True:
            writer.write(b" " * 65_536)
            await writer.drain()
    if reply is DRIPS:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)
    extra = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
    writer.write(
        f"HTTP/1.1 {reply.status} Said\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(reply.body)}\r\n{extra}\r\n".encode()
        + reply.body
    )
    await writer.drain()
    return True


@dataclass
class FakeMailServer:
    """Which mails came; `codes` replaces the answer to a command."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def fake_mail_server() -> AsyncIterator[FakeMailServer]:
    """An SMTP server without TLS on this machine."""
    mail = FakeMailServer()
    open_ones: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        open_ones.add(task)
        try:
            writer.write(b"220 fake\r\n")
            while line := (await reader.readline()).decode().strip():
                verb = line.split(" ", 1)[0].upper()
                answer = mail.codes.get(verb, "250 ok")
                if answer == "hangs":
                    await asyncio.Event().wait()
                if verb == "DATA" and answer == "250 ok":
                    writer.write(b"354 go\r\n")
                    mail.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(f"{answer}\r\n".encode())
                await writer.drain()
                if verb == "QUIT":
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            open_ones.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    mail.port = server.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        server.close()
        for task in list(open_ones):
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)

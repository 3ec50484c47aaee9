"""The hint stream over HTTP: server-sent events and WebSocket for desktops, and what was sent lately as JSON."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

import msgspec
from aiohttp import web

from agents.hints.access import SUBPROTOCOL, Access
from agents.hints.feed import BEAT_SECONDS, feed, hold
from agents.hints.memory import Kept, Place, place_of
from agents.hints.origins import add_origin, origin_guard
from agents.hints.reader import wall_ms
from agents.hints.streams import Stream, Streams
from agents.settings import Hints
from agents.web.shield import add_headers, shield
from agents.web.streams import event

RETRY_MS = 1_000  # after which a browser connects anew
_BEAT = b": beat\n\n"
_MESSAGE_BYTES_MAX = 1_024  # of what a desktop sends: nothing is expected
_PARAMETERS = frozenset({"agent", "last_event_id", "all", "drills"})

_encode = msgspec.json.Encoder().encode


class Parts(NamedTuple):
    """What the server uses."""

    hints: Hints
    access: Access
    streams: Streams


class _Asked(NamedTuple):
    """Whose hints a request asks for, and from where on."""

    agent_id: str
    last: Place | None
    wants_all: bool
    shows_drills: bool
    since_ms: int | None = None  # when it asked, where it had to be held


def application(parts: Parts) -> web.Application:
    """The routes."""
    pages = _Pages(parts)
    app = web.Application(middlewares=[shield(parts.hints), origin_guard(parts.access)], client_max_size=1_024)
    app.on_response_prepare.extend((add_headers, add_origin))
    app.on_shutdown.append(pages.close)
    app.router.add_get("/livez", pages.lives)
    app.router.add_get("/api/hints", pages.hints)
    app.router.add_get("/api/hints/events", pages.events)
    app.router.add_get("/api/hints/socket", pages.socket)
    return app


class _Pages:
    def __init__(self, parts: Parts) -> None:
        self._access = parts.access
        self._streams = parts.streams

    async def close(self, _: web.Application) -> None:
        self._streams.close()

    async def lives(self, _: web.Request) -> web.Response:
        return _json({"ok": True})

    async def hints(self, request: web.Request) -> web.Response:
        """What was sent to an agent in the last minutes."""
        asked = self._asked(request)
        if not self._streams.is_loaded:
            raise web.HTTPServiceUnavailable(text="the last minutes are being read\n", headers={"Retry-After": "1"})
        stream = Stream(asked.agent_id, _as_frame, asked.shows_drills)
        known = self._streams.backlog(stream, last=asked.last, wants_all=asked.last is None)
        return _json({"has_gap": known.has_gap, "items": [_item(hint) for hint in known.hints]})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Until the desktop goes away, does not keep up, or its token is taken away."""
        asked = self._room_for(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        stream = Stream(asked.agent_id, _as_event, asked.shows_drills)
        with suppress(ConnectionError), self._streams.listening(stream):
            asked = await self._held(asked, beat=lambda: response.write(_BEAT))
            missed = self._streams.backlog(stream, last=asked.last, wants_all=asked.wants_all, since_ms=asked.since_ms)
            gap = [event("gap", {})] if missed.has_gap else []
            await feed(
                stream,
                self._streams,
                first=[b"retry: %d\n\n" % RETRY_MS, *gap, *map(_as_event, missed.hints)],
                write=response.write,
                beat=lambda: response.write(_BEAT),
                is_let_in=lambda: self._is_let_in(request),
            )
        _abort_if_cut(stream, request)
        return response

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """The same over a WebSocket: each message is JSON with `type` `hint` or `gap`; beats are pings."""
        asked = self._room_for(request)
        socket = web.WebSocketResponse(
            heartbeat=BEAT_SECONDS, protocols=(SUBPROTOCOL,), max_msg_size=_MESSAGE_BYTES_MAX, compress=False
        )
        await socket.prepare(request)
        stream = Stream(asked.agent_id, _as_frame, asked.shows_drills)
        listening = asyncio.ensure_future(_until_closed(socket, stream))
        with suppress(ConnectionError), self._streams.listening(stream):
            asked = await self._held(asked, beat=socket.ping)
            missed = self._streams.backlog(stream, last=asked.last, wants_all=asked.wants_all, since_ms=asked.since_ms)
            gap = [_encode({"type": "gap"})] if missed.has_gap else []
            await feed(
                stream,
                self._streams,
                first=[*gap, *map(_as_frame, missed.hints)],
                write=lambda message: socket.send_str(message.decode()),
                beat=socket.ping,
                is_let_in=lambda: self._is_let_in(request),
            )
        listening.cancel()
        _abort_if_cut(stream, request)
        await socket.close()
        return socket

    async def _held(self, asked: _Asked, *, beat: Callable[[], Awaitable[None]]) -> _Asked:
        """The same once the last minutes are known. What comes meanwhile is not lost on whoever begins now."""
        if self._streams.is_loaded:
            return asked
        since_ms = wall_ms()
        await hold(self._streams, beat=beat)
        return asked._replace(since_ms=since_ms)

    def _room_for(self, request: web.Request) -> _Asked:
        asked = self._asked(request)
        if self._streams.is_full(asked.agent_id):
            raise web.HTTPServiceUnavailable(text="too many open streams\n", headers={"Retry-After": "30"})
        return asked

    def _asked(self, request: web.Request) -> _Asked:
        query = request.query
        if set(query) - _PARAMETERS:
            raise web.HTTPBadRequest(text=f"expected no other parameters than {', '.join(sorted(_PARAMETERS))}\n")
        agent_id = self._access.agent_of(request.headers, query.get("agent", ""))
        if agent_id is None:
            raise web.HTTPUnauthorized(text="expected the token of the agent, or of a desk that names the agent\n")
        last = request.headers.get("Last-Event-ID") or query.get("last_event_id", "")
        place = place_of(last)
        if last and place is None:
            raise web.HTTPBadRequest(text="expected the id of a hint as Last-Event-ID\n")
        return _Asked(agent_id, place, query.get("all") == "1", query.get("drills") == "1")

    def _is_let_in(self, request: web.Request) -> bool:
        return self._access.agent_of(request.headers, request.query.get("agent", "")) is not None


async def _until_closed(socket: web.WebSocketResponse, stream: Stream) -> None:
    """Read what a desktop has no reason to send, so that its pongs and its goodbye are heard."""
    async for _ in socket:
        continue
    stream.mailbox.end()


def _abort_if_cut(stream: Stream, request: web.Request) -> None:
    """A goodbye would wait for a desktop that reads nothing."""
    if stream.is_cut and request.transport is not None:
        request.transport.abort()


def _item(hint: Kept) -> dict[str, object]:
    return {"id": str(hint.place), "hint": msgspec.Raw(hint.body)}


def _as_event(hint: Kept) -> bytes:
    return event("hint", msgspec.Raw(hint.body), event_id=str(hint.place))


def _as_frame(hint: Kept) -> bytes:
    return _encode({"type": "hint", **_item(hint)})


def _json(body: object) -> web.Response:
    return web.Response(body=_encode(body), content_type="application/json")

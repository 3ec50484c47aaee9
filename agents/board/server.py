"""The board over HTTP: the page, the data behind it, the stream that keeps it fresh, and what people do on it."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from aiohttp import web
from aiokafka.errors import KafkaError

from agents.actions import Actions
from agents.board.access import COOKIE, Access, Identity
from agents.board.actions import Asked, action_of
from agents.board.answers import found_or_404, json_answer
from agents.board.backtests import BacktestPages
from agents.board.freshness import Trust
from agents.board.hub import Hub
from agents.board.live import Live
from agents.board.login import LoginPages
from agents.board.openapi import document
from agents.board.query import QueryError, alert_query, clock_query, incident_query, place_query
from agents.board.reader import wall_ms
from agents.board.readmodel import ReadModel
from agents.board.runbooks import Runbooks
from agents.board.timemachine import PastPages, Pictures
from agents.board.trials import Trials
from agents.board.words import names
from agents.oidc.provider import Provider
from agents.settings import Board
from agents.web.shield import add_headers, shield
from agents.web.streams import event
from schemas.actions import ActionKind, ActionSource

STATIC = Path(__file__).parent / "static"
BODY_BYTES_MAX = 64 * 1024
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

_GONE = "not among what the last day had"

_decode_asked = msgspec.json.Decoder(Asked).decode


class Parts(NamedTuple):
    """What the server shows and uses."""

    board: Board
    access: Access
    model: ReadModel
    live: Live
    hub: Hub
    actions: Actions
    past: Pictures
    provider: Provider | None  # None where nobody logs in at one
    trials: Trials


def application(parts: Parts) -> web.Application:
    """The routes."""
    pages = _Pages(parts)
    backtests = BacktestPages(parts.board.backtests, parts.trials, pages.who)
    app = web.Application(middlewares=[shield(parts.board)], client_max_size=BODY_BYTES_MAX)
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(pages.close)
    routes: Mapping[str, Callable[[web.Request], Any]] = {
        "/": _file("index.html"),
        "/backtests": _file("backtests.html"),
        **{f"/static/{path.name}": _file(path.name) for path in STATIC.iterdir() if path.suffix in KINDS},
        "/livez": pages.lives,
        "/readyz": pages.is_ready,
        "/api/openapi.json": pages.describe,
        "/api/me": pages.me,
        "/api/names": pages.names,
        "/api/status": pages.status,
        "/api/regions": pages.regions,
        "/api/alerts": pages.alerts,
        "/api/alerts/{id}": pages.alert,
        "/api/incidents": pages.incidents,
        "/api/incidents/{id}": pages.incident,
        "/api/clocks": pages.clocks,
        "/api/words": pages.words,
        "/api/figures": pages.figures,
        "/api/natures": pages.natures,
        **PastPages(parts.past, pages.who).routes(),
        "/api/events": pages.events,
    }
    for path, handler in routes.items():
        app.router.add_get(path, handler)
    app.router.add_post("/api/actions", pages.act)
    app.router.add_routes(backtests.routes())
    app.router.add_routes(Runbooks().routes())
    app.router.add_routes(LoginPages(parts.board, parts.access, parts.provider).routes())
    return app


class _Pages:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def close(self, _: web.Application) -> None:
        self._parts.hub.close()
        await self._parts.trials.close()

    async def lives(self, _: web.Request) -> web.Response:
        return json_answer({"ok": True})

    async def is_ready(self, _: web.Request) -> web.Response:
        trust = self._parts.live.status().trust
        return json_answer({"ok": trust is Trust.LIVE, "trust": trust}, status=200 if trust is Trust.LIVE else 503)

    async def describe(self, _: web.Request) -> web.Response:
        return json_answer(document())

    async def me(self, request: web.Request) -> web.Response:
        who = self.who(request)
        may = [action for action in ActionKind if who.role.may(action)]
        can_log_out, grafana_url = COOKIE in request.cookies, self._parts.board.grafana_url
        me = {"name": who.name, "role": who.role, "may": may, "can_log_out": can_log_out, "grafana_url": grafana_url}
        return json_answer(me)

    async def names(self, _: web.Request) -> web.Response:
        return json_answer(names())

    async def status(self, request: web.Request) -> web.Response:
        self.who(request)
        return json_answer(self._parts.live.status())

    async def regions(self, request: web.Request) -> web.Response:
        self.who(request)
        return json_answer(self._parts.model.tiles(now_ms=wall_ms()))

    async def alerts(self, request: web.Request) -> web.Response:
        self.who(request)
        return json_answer(self._parts.model.alerts(_asked(alert_query, request)))

    async def alert(self, request: web.Request) -> web.Response:
        self.who(request)
        return found_or_404(self._parts.model.alert(request.match_info["id"]), missing=_GONE)

    async def incidents(self, request: web.Request) -> web.Response:
        self.who(request)
        return json_answer(self._parts.model.incidents(_asked(incident_query, request)))

    async def incident(self, request: web.Request) -> web.Response:
        self.who(request)
        return found_or_404(self._parts.model.incident(request.match_info["id"]), missing=_GONE)

    async def clocks(self, request: web.Request) -> web.Response:
        self.who(request)
        return json_answer(self._parts.model.clocks(_asked(clock_query, request)))

    async def words(self, request: web.Request) -> web.Response:
        self.who(request)
        return json_answer(self._parts.model.words(_asked(place_query, request), now_ms=wall_ms()))

    async def natures(self, request: web.Request) -> web.Response:
        self.who(request)
        return json_answer(self._parts.model.natures(_asked(place_query, request), now_ms=wall_ms()))

    async def figures(self, request: web.Request) -> web.Response:
        self.who(request)
        return json_answer(self._parts.model.figures(_asked(place_query, request), now_ms=wall_ms()))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Until the page goes away, does not keep up, or its session ends."""
        self.who(request)
        if self._parts.hub.is_full:
            raise web.HTTPServiceUnavailable(text="too many open boards\n", headers={"Retry-After": "30"})
        headers = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers)
        async with self._parts.hub.listen() as messages:
            await response.prepare(request)
            with suppress(ConnectionError):
                await response.write(b"retry: 2000\n\n" + event("status", self._parts.live.status()))
                async for message in _while_known(messages, lambda: self._is_known(request)):
                    await response.write(message)
        return response

    async def act(self, request: web.Request) -> web.Response:
        who = self.who(request)
        try:
            asked = _decode_asked(await request.read())
            source = ActionSource.API if "Authorization" in request.headers else ActionSource.BOARD
            action = action_of(asked, who, source=source, now_ms=wall_ms())
        except ValueError as error:  # msgspec names the field and what was expected, never the value
            raise web.HTTPBadRequest(text=f"{error}\n") from error
        is_allowed = who.role.may(asked.action)
        try:
            await (self._parts.actions.write(action) if is_allowed else self._parts.actions.refuse(action))
        except KafkaError as error:
            raise web.HTTPServiceUnavailable(text="the broker did not take it; try again\n") from error
        if not is_allowed:
            raise web.HTTPForbidden(text=f"{who.role} may not {asked.action}\n")
        return json_answer({"action_id": action.action_id}, status=202)

    def who(self, request: web.Request) -> Identity:
        """Who asks; raises what says how to log in."""
        who = self._parts.access.identify(
            request.headers, request.cookies, peer=request.remote or "", now_s=time.time()
        )
        if who is None:
            raise web.HTTPUnauthorized(text=f"{' '.join(self._parts.access.ways)}\n")
        return who

    def _is_known(self, request: web.Request) -> bool:
        with suppress(web.HTTPUnauthorized):
            self.who(request)
            return True
        return False


async def _while_known(messages: AsyncIterator[bytes], is_known: Callable[[], bool]) -> AsyncIterator[bytes]:
    """A session that ended, or a token that was taken away, ends its stream."""
    async for message in messages:
        if message.startswith(b"event: status") and not is_known():
            return
        yield message


def _asked(read: Callable[[Mapping[str, str]], Any], request: web.Request) -> Any:
    try:
        return read(request.query)
    except QueryError as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from error


def _file(name: str) -> Callable[[web.Request], Any]:
    """A file of the page, read once: the page of a running board is of one piece."""
    path = STATIC / name
    body, kind = path.read_bytes(), KINDS[path.suffix]

    async def answer(_: web.Request) -> web.Response:
        response = web.Response(body=body, content_type=kind, charset="utf-8", headers={"Cache-Control": "no-cache"})
        response.enable_compression()
        return response

    return answer

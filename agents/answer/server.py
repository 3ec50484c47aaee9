"""The door for what people press: its routes, its limits, and the headers that every answer wears."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from ipaddress import ip_network

from aiohttp import web

from agents.answer import pages
from agents.answer.callbacks import Callbacks
from agents.answer.links import WAY, Links
from agents.answer.load import Loaded
from agents.answer.metrics import AnswerMetrics
from agents.answer.outcomes import Outcome
from agents.answer.replies import Answered, Refusals, told
from agents.answer.taking import Taking
from agents.answer.witness import Witness
from agents.settings import Answer
from agents.web.shield import HEADERS, Rate, client_of

BODY_BYTES_MAX = 64 * 1024
READ_WITHIN_SECONDS = 5.0  # and Kafka and the stage have their own time after that
# `no-referrer` would make a browser hide from where our own form was sent; nothing on the page leads elsewhere.
_HEADERS = {**HEADERS, "Referrer-Policy": "same-origin", "Cache-Control": "no-store", "Server": "tocsin"}

Handle = Callable[[web.Request], Awaitable[Answered]]
Serve = Callable[[web.Request], Awaitable[web.Response]]


class AnswerServer:
    """Serves links and callbacks. Clocks are passed in so that tests can move them."""

    def __init__(
        self,
        settings: Answer,
        loaded: Loaded,
        taking: Taking,
        witness: Witness,
        metrics: AnswerMetrics,
        *,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        read_within_seconds: float = READ_WITHIN_SECONDS,
    ) -> None:
        self._channels = tuple(loaded.doors)
        self._refusals = Refusals()
        self._links = Links(loaded, taking, witness, self._refusals, now_ms=now_ms)
        self._callbacks = Callbacks(loaded, taking, self._refusals, now_ms=now_ms)
        self._metrics = metrics
        self._read_within_seconds = read_within_seconds
        self._proxies = [ip_network(each) for each in settings.proxy_addresses]
        metrics.begin(self._channels)

    def application(self) -> web.Application:
        """The routes; everything else is not found."""
        looks = Rate(burst=60, per_second=2)  # of one address: a person opens a few links
        posts = Rate(burst=20, per_second=1)
        calls = Rate(burst=300, per_second=100)  # of one vendor
        app = web.Application(client_max_size=BODY_BYTES_MAX)
        app.router.add_get("/a/{seal}", self._served(WAY, looks, self._links.ask))
        app.router.add_post("/a/{seal}", self._served(WAY, posts, self._links.act))
        app.router.add_get("/static/answer.css", _style)
        for channel in self._channels:
            called = self._served(channel, calls, partial(self._callbacks.called, channel))
            app.router.add_get(f"/callbacks/{channel}", called)
            app.router.add_post(f"/callbacks/{channel}", called)
        app.on_response_prepare.append(_add_headers)
        return app

    def _served(self, way: str, rate: Rate, handle: Handle) -> Serve:
        """A handler within its limits, counted and timed."""

        async def serve(request: web.Request) -> web.Response:
            started_at = time.monotonic()
            response, outcome = await self._within_limits(way, rate, handle, request)
            self._metrics.requests.labels(way, outcome).inc()
            self._metrics.seconds.labels(way).observe(time.monotonic() - started_at)
            return response

        return serve

    async def _within_limits(self, way: str, rate: Rate, handle: Handle, request: web.Request) -> Answered:
        if not rate.takes(client_of(request, self._proxies)):
            self._refusals.tell(way, Outcome.RATE_LIMITED)
            return told(Outcome.RATE_LIMITED)
        try:
            async with asyncio.timeout(self._read_within_seconds):
                await request.read()  # aiohttp keeps it for whoever asks next
        except TimeoutError:
            return told(Outcome.TOO_SLOW)
        except web.HTTPRequestEntityTooLarge:
            return told(Outcome.TOO_LARGE)
        return await handle(request)


async def _style(_: web.Request) -> web.Response:
    return web.Response(body=pages.STYLE, content_type="text/css", charset="utf-8")


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers[name] = value

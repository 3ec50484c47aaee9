"""The operations server: health, metrics and version over HTTP, for probes and Prometheus, not for people's browsers.

It has a thread and a loop of its own. A scrape never waits behind a batch, a batch never waits behind a scrape, and
`/livez` can say that the main loop is stuck. It starts before recovery, because probes must be answered meanwhile.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Self

import orjson
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from agents.ops.build import build
from agents.ops.health import Judged, Probe
from agents.web.address import Address, AddressError, listen, refuse_public

log = structlog.get_logger("tocsin.ops")

START_WITHIN_SECONDS = 10.0
PROBES = {"/livez": Probe.LIVE, "/healthz": Probe.LIVE, "/readyz": Probe.READY, "/startupz": Probe.STARTUP}

Handler = Callable[[web.Request], Awaitable[web.Response]]


class OpsServer:
    """Serves until closed. Usable as a context manager."""

    def __init__(
        self, *, state: Callable[[], Judged], registry: CollectorRegistry, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        refuse_public(host)
        self._app = application(state, registry)
        self._wanted = Address(host, port)
        self._address: Address | None = None
        self._problem: AddressError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._answered = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="tocsin-ops", daemon=True)

    def start(self) -> Address:
        """Listen; returns the real address once requests are answered."""
        self._thread.start()
        if not self._answered.wait(START_WITHIN_SECONDS):
            raise AddressError(f"operations server did not start within {START_WITHIN_SECONDS:.0f} s")
        if self._problem is not None:
            self._thread.join()
            raise self._problem
        return self.address

    def close(self) -> None:
        """Stop listening and wait for the thread; closing twice is fine."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def __enter__(self) -> Self:
        log.info("ops_listens", url=self.start().url)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> Address:
        """Where it listens, once started."""
        if self._address is None:
            raise AddressError("the operations server is not started")
        return self._address

    def _serve(self) -> None:
        runner = web.AppRunner(self._app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        self._loop = loop = asyncio.new_event_loop()
        try:
            self._address = loop.run_until_complete(listen(runner, *self._wanted, setting="TOCSIN_OPS__PORT"))
        except AddressError as problem:
            self._problem = problem
        self._answered.set()
        if self._address is not None:
            loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()


def application(state: Callable[[], Judged], registry: CollectorRegistry) -> web.Application:
    """The routes."""
    app = web.Application()
    for path, probe in PROBES.items():
        app.router.add_get(path, _probe(probe, state))
    app.router.add_get("/metrics", metrics_page(registry))
    app.router.add_get("/version", _version)
    app.router.add_get("/", _index)
    return app


def _probe(probe: Probe, state: Callable[[], Judged]) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        report = state().report()
        return _json(report.as_json(probe), status=200 if report.ok(probe) else 503)

    return answer


def metrics_page(registry: CollectorRegistry) -> Handler:
    """Every metric of a registry, in the format that is asked for."""

    async def answer(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        response = web.Response(body=encode(registry), headers={"Content-Type": content_type})
        response.enable_compression()
        return response

    return answer


async def _version(_: web.Request) -> web.Response:
    return _json(build())


async def _index(_: web.Request) -> web.Response:
    return _json({"tocsin": [*PROBES, "/metrics", "/version"]})


def _json(body: dict[str, Any], *, status: int = 200) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", headers=headers)

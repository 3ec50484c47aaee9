"""The operations server: health, metrics and version over HTTP, for probes and Prometheus, not for people's browsers.

It has a thread and a loop of its own. A scrape never waits behind a batch, a batch never waits behind a scrape, and
`/livez` can say that the main loop is stuck. It starts before recovery, because probes must be answered meanwhile.
"""

import asyncio
import ipaddress
import threading
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Self

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from agents.ops.build import build
from agents.ops.health import Judged, Probe
from pipeline.errors import TocsinError

START_WITHIN_SECONDS = 10.0
PROBES = {"/livez": Probe.LIVE, "/healthz": Probe.LIVE, "/readyz": Probe.READY, "/startupz": Probe.STARTUP}

Handler = Callable[[web.Request], Awaitable[web.Response]]


class OpsError(TocsinError):
    """The operations server could not be started; the message says why and what to change."""


class Address(NamedTuple):
    """Where the server listens; the port is the real one, also when 0 was asked for."""

    host: str
    port: int


class OpsServer:
    """Serves until closed. Usable as a context manager."""

    def __init__(
        self, *, state: Callable[[], Judged], registry: CollectorRegistry, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        refuse_public(host)
        self._app = application(state, registry)
        self._wanted = Address(host, port)
        self._address: Address | None = None
        self._problem: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._answered = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="tocsin-ops", daemon=True)

    def start(self) -> Address:
        """Listen; returns the real address once requests are answered."""
        self._thread.start()
        if not self._answered.wait(START_WITHIN_SECONDS):
            raise OpsError(f"operations server did not start within {START_WITHIN_SECONDS:.0f} s")
        if self._address is None:
            self._thread.join()
            host, port = self._wanted
            raise OpsError(f"cannot listen on {host}:{port}: {self._problem}; choose another port or stop who has it")
        return self._address

    def close(self) -> None:
        """Stop listening and wait for the thread; closing twice is fine."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> Address:
        """Where it listens, once started."""
        if self._address is None:
            raise OpsError("the operations server is not started")
        return self._address

    def _serve(self) -> None:
        runner = web.AppRunner(self._app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        self._loop = loop = asyncio.new_event_loop()
        try:
            self._address = loop.run_until_complete(_listen(runner, self._wanted))
        except OSError as problem:
            self._problem = problem
        self._answered.set()
        if self._address is not None:
            loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()


def refuse_public(host: str) -> None:
    """Refuse an address that the internet reaches: the page shows how the company's complaints run."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a name: whoever gives one knows what it resolves to
        return
    if address.is_global:
        raise OpsError(f"{host} is a public address; listen on a private one such as 127.0.0.1, or on 0.0.0.0 in a pod")


def application(state: Callable[[], Judged], registry: CollectorRegistry) -> web.Application:
    """The routes."""
    app = web.Application()
    for path, probe in PROBES.items():
        app.router.add_get(path, _probe(probe, state))
    app.router.add_get("/metrics", _metrics(registry))
    app.router.add_get("/version", _version)
    app.router.add_get("/", _index)
    return app


async def _listen(runner: web.AppRunner, wanted: Address) -> Address:
    await runner.setup()
    await web.TCPSite(runner, wanted.host, wanted.port).start()
    return Address(wanted.host, runner.addresses[0][1])


def _probe(probe: Probe, state: Callable[[], Judged]) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        report = state().report()
        return _json(report.as_json(probe), status=200 if report.ok(probe) else 503)

    return answer


def _metrics(registry: CollectorRegistry) -> Handler:
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

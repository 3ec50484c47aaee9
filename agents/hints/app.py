"""The hint stream as a process: put together, started, and ended by SIGTERM."""

import asyncio
from contextlib import suppress

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from agents.ending import end_on_sigterm
from agents.hints.access import Access
from agents.hints.memory import Memory
from agents.hints.metrics import HintFamilies, StreamCollector
from agents.hints.reader import HintReader, wall_ms
from agents.hints.server import Parts, application
from agents.hints.streams import Streams
from agents.metrics.collector import ProbeCollector
from agents.ops.server import OpsServer
from agents.recording.health import FollowerState
from agents.settings import Settings
from agents.web.address import listen, refuse_public

log = structlog.get_logger("tocsin.hints")


def run(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; raises where no broker answers at the start."""
    refuse_public(settings.hints.host)
    access = Access(settings.hints)
    with suppress(asyncio.CancelledError):
        asyncio.run(_serve(settings, access))


async def _serve(settings: Settings, access: Access) -> None:
    end_on_sigterm()
    registry = CollectorRegistry()
    families, streams = HintFamilies(registry), Streams(Memory(), is_loaded=False)
    reader = HintReader(settings, streams, observe_seconds=families.delay.observe)
    registry.register(StreamCollector(lambda: streams))
    registry.register(ProbeCollector(lambda: _state(reader)))
    runner = web.AppRunner(
        application(Parts(settings.hints, access, streams)), access_log=None, handle_signals=False, shutdown_timeout=2.0
    )
    ops = settings.ops
    with OpsServer(state=lambda: _state(reader), registry=registry, host=ops.host, port=ops.port):
        try:
            where = await listen(runner, settings.hints.host, settings.hints.port, setting="TOCSIN_HINTS__PORT")
            log.info("hints_listens", url=where.url, login=not access.is_open)
            await reader.run()
        finally:
            await runner.cleanup()


def _state(reader: HintReader) -> FollowerState:
    heard_at_ms = reader.heard_at_ms
    age_seconds = None if heard_at_ms is None else (wall_ms() - heard_at_ms) / 1000
    return FollowerState(
        is_loaded=reader.is_loaded, loop_age_seconds=age_seconds, broker_silent_seconds=reader.broker_silent_seconds
    )

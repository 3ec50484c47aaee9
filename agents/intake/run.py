"""The composition root of an intake: settings and file in, a listening process with its operations page out."""

import asyncio

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from agents.intake.load import Loaded, load_intake
from agents.intake.metrics import IntakeMetrics
from agents.intake.server import Intake
from agents.listening.listener import Listener, until_told
from agents.listening.publisher import Publisher
from agents.metrics.collector import ProbeCollector
from agents.ops.server import OpsServer
from agents.settings import Settings
from agents.web.address import refuse_public

log = structlog.get_logger("tocsin.intake")

CLOSE_WITHIN_SECONDS = 2.0  # connections that nobody uses


def run(settings: Settings) -> None:
    """Receive until told to end."""
    loaded = load_intake(settings.intake.file, lift_past_limit=settings.replay_mode)
    refuse_public(settings.intake.host)
    asyncio.run(serve(settings, loaded))


async def serve(settings: Settings, loaded: Loaded) -> None:
    """Listen, whether the broker answers or not; on SIGTERM finish what has begun, flush, and end."""
    stop = until_told()
    publisher = Publisher(settings, loaded.topics)
    listener, metrics = Listener(publisher), IntakeMetrics(CollectorRegistry())
    metrics.registry.register(ProbeCollector(listener.state))
    ops, wanted = settings.ops, settings.intake
    with OpsServer(state=listener.state, registry=metrics.registry, host=ops.host, port=ops.port):
        intake = Intake(loaded, publisher, metrics, proxy_addresses=wanted.proxy_addresses)
        runner = _runner(intake)
        async with asyncio.TaskGroup() as tasks:
            beating = tasks.create_task(listener.beat())
            tasks.create_task(publisher.keep())
            try:
                where = await listener.listen(runner, wanted.host, wanted.port, setting="TOCSIN_INTAKE__PORT")
                sources = [gate.name for gate in loaded.gates.values()]
                log.info("intake_listens", url=where.url, sources=sources)
                await stop.wait()
            finally:
                listener.stops()
                log.info("intake_ends")
                await _drain(runner, intake, loaded)
                await runner.cleanup()
                publisher.close()
                beating.cancel()


def _runner(intake: Intake) -> web.AppRunner:
    return web.AppRunner(
        intake.application(),
        access_log=None,
        handle_signals=False,
        shutdown_timeout=CLOSE_WITHIN_SECONDS,
        keepalive_timeout=75.0,
        auto_decompress=False,
    )


async def _drain(runner: web.AppRunner, intake: Intake, loaded: Loaded) -> None:
    """Take no new connections and finish what has begun; aiohttp itself would drop a body that is on its way."""
    for site in tuple(runner.sites):
        await site.stop()
    try:
        async with asyncio.timeout(loaded.limits.read_within_seconds + loaded.limits.answer_within_seconds):
            await intake.drained()
    except TimeoutError:
        log.warning("requests_given_up")

"""The composition root of a delivering process: the on-call file and its secrets in, an office at work out."""

import asyncio
import signal
import time
from contextlib import suppress
from pathlib import Path

import structlog
from aiohttp import web
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder

from agents.app import connection_of
from agents.broker.errors import unreachable
from agents.channels.build import build_channels, secrets_of, targets_of
from agents.channels.outgoing import Outgoing
from agents.deliver.invitations import invite_of
from agents.deliver.metrics import DeliveryFamilies, DeskCollector
from agents.deliver.office import Office
from agents.files.oncall import DEFAULT_FILE, load_oncall
from agents.ops.server import refuse_public
from agents.settings import Settings
from agents.topics import fitted
from pipeline.incidents.load import OnCallError

log = structlog.get_logger("tocsin.deliver")


def run(settings: Settings) -> None:
    """Deliver until SIGTERM or SIGINT; raises what an operator has to put right before anything is sent."""
    file: Path = settings.oncall_file or DEFAULT_FILE
    oncall = load_oncall(file)
    secrets, problems = secrets_of(oncall, file=file.name)
    if problems:
        raise OnCallError(problems)
    invite = invite_of(oncall, file=file.name)
    refuse_public(settings.ops.host)

    async def deliver() -> None:
        try:
            connection = connection_of(await fitted(settings))
        except (KafkaError, OSError, TimeoutError) as error:
            raise unreachable(settings.bootstrap, error) from error
        registry = CollectorRegistry()
        families = DeliveryFamilies(registry, oncall.channels)
        ProcessCollector(registry=registry)
        async with Outgoing(targets_of(oncall)) as outgoing:
            channels = build_channels(oncall, secrets, outgoing)
            office = Office(connection, oncall, channels, observe=families.observe, invite=invite)
            registry.register(DeskCollector(lambda: office.desks, lambda: time.time_ns() // 1_000_000))
            served = await _serve(registry, settings.ops.host, settings.ops.port)
            log.info("deliver_starts", channels=sorted(channels), broker=settings.bootstrap, **served.where)
            try:
                await _until_told(office)
            finally:
                await served.runner.cleanup()

    asyncio.run(deliver())


async def _until_told(office: Office) -> None:
    """Run the office until a signal comes; what it is doing is finished by whoever starts next."""
    loop = asyncio.get_running_loop()
    work = asyncio.ensure_future(office.run())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    with suppress(asyncio.CancelledError):
        await work


class _Served:
    def __init__(self, runner: web.AppRunner) -> None:
        self.runner = runner
        self.where = {"host": runner.addresses[0][0], "port": runner.addresses[0][1]}


async def _serve(registry: CollectorRegistry, host: str, port: int) -> _Served:
    """Metrics, and a probe that answers for as long as the loop does."""

    async def metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    app = web.Application()
    app.add_routes([web.get("/metrics", metrics), web.get("/livez", alive), web.get("/readyz", alive)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return _Served(runner)

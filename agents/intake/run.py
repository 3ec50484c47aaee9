"""The composition root of an intake: settings and file in, a listening process with its operations page out."""

import asyncio
import signal
import time

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from agents.intake.load import Loaded, load_intake
from agents.intake.metrics import IntakeMetrics
from agents.intake.server import Intake
from agents.listening import ListenerState
from agents.metrics.collector import ProbeCollector
from agents.ops import OpsError, OpsServer, refuse_public
from agents.publisher import Publisher
from agents.settings import Settings

log = structlog.get_logger("tocsin.intake")

HEARTBEAT_SECONDS = 1.0
CLOSE_WITHIN_SECONDS = 2.0  # connections that nobody uses


def run(settings: Settings) -> None:
    """Receive until told to end."""
    loaded = load_intake(settings.intake.file, lift_past_limit=settings.replay_mode)
    refuse_public(settings.intake.host)
    asyncio.run(Process(settings, loaded).serve())


class Process:
    """One intake, from start to end; the operations thread reads what the main loop writes."""

    def __init__(self, settings: Settings, loaded: Loaded) -> None:
        self._settings = settings
        self._loaded = loaded
        self._publisher: Publisher | None = None
        self._beat_at: float | None = None
        self._is_listening = False
        self._is_stopping = False

    def state(self) -> ListenerState:
        """All facts at this moment."""
        publisher, beat_at = self._publisher, self._beat_at
        return ListenerState(
            configured=True,
            listening=self._is_listening,
            loop_age_seconds=None if beat_at is None else time.monotonic() - beat_at,
            has_connected=publisher is not None and publisher.has_connected,
            is_connected=publisher is not None and publisher.is_connected,
            topic_problems=None if publisher is None else publisher.topic_problems,
            stopping=self._is_stopping,
        )

    async def serve(self) -> None:
        """Listen, whether the broker answers or not; on SIGTERM finish what has begun, flush, and end."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        metrics = IntakeMetrics(CollectorRegistry())
        metrics.registry.register(ProbeCollector(self.state))
        publisher = self._publisher = Publisher(self._settings, self._loaded.topics)
        ops = self._settings.ops
        with OpsServer(state=self.state, registry=metrics.registry, host=ops.host, port=ops.port) as page:
            log.info("ops_listens", url=f"http://{page.address.host}:{page.address.port}")
            intake = Intake(self._loaded, publisher, metrics)
            runner = self._runner(intake)
            async with asyncio.TaskGroup() as tasks:
                beating = tasks.create_task(self._beat())
                tasks.create_task(publisher.keep())
                try:
                    await self._listen(runner)
                    await stop.wait()
                finally:
                    self._is_stopping = True
                    log.info("intake_ends")
                    await self._drain(runner, intake)
                    await runner.cleanup()
                    publisher.close()
                    beating.cancel()

    def _runner(self, intake: Intake) -> web.AppRunner:
        return web.AppRunner(
            intake.application(),
            access_log=None,
            handle_signals=False,
            shutdown_timeout=CLOSE_WITHIN_SECONDS,
            keepalive_timeout=75.0,
            auto_decompress=False,
        )

    async def _drain(self, runner: web.AppRunner, intake: Intake) -> None:
        """Take no new connections and finish what has begun; aiohttp itself would drop a body that is on its way."""
        for site in tuple(runner.sites):
            await site.stop()
        limits = self._loaded.limits
        try:
            async with asyncio.timeout(limits.read_within_seconds + limits.answer_within_seconds):
                await intake.drained()
        except TimeoutError:
            log.warning("requests_given_up")

    async def _listen(self, runner: web.AppRunner) -> None:
        wanted = self._settings.intake
        await runner.setup()
        try:
            await web.TCPSite(runner, wanted.host, wanted.port).start()
        except OSError as error:
            where = f"{wanted.host}:{wanted.port}"
            raise OpsError(f"cannot listen on {where}: {error}; set TOCSIN_INTAKE__PORT") from error
        self._is_listening = True
        host, port = runner.addresses[0][:2]
        log.info(
            "intake_listens", url=f"http://{host}:{port}", sources=[gate.name for gate in self._loaded.gates.values()]
        )

    async def _beat(self) -> None:
        while True:
            self._beat_at = time.monotonic()
            await asyncio.sleep(HEARTBEAT_SECONDS)

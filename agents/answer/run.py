"""The composition root of an answering process: settings and the on-call file in, a listening process out."""

import asyncio
import signal
import time

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from agents.answer.load import Loaded, load_answers
from agents.answer.metrics import AnswerMetrics
from agents.answer.server import READ_WITHIN_SECONDS, AnswerServer
from agents.answer.taking import RESULT_WITHIN_SECONDS, WRITE_WITHIN_SECONDS, Taking
from agents.answer.witness import Witness
from agents.listening import ListenerState
from agents.metrics.collector import ProbeCollector
from agents.ops import OpsError, OpsServer, refuse_public
from agents.publisher import Publisher
from agents.settings import Settings
from schemas.topics import ACTION_AUDITS, ACTIONS

log = structlog.get_logger("tocsin.answer")

HEARTBEAT_SECONDS = 1.0
FINISH_WITHIN_SECONDS = READ_WITHIN_SECONDS + WRITE_WITHIN_SECONDS + RESULT_WITHIN_SECONDS  # what has begun


def run(settings: Settings) -> None:
    """Answer until told to end; raises what an operator has to put right."""
    loaded = load_answers(settings.oncall_file)
    refuse_public(settings.answer.host)
    asyncio.run(Process(settings, loaded).serve())


class Process:
    """One answering process, from start to end; the operations thread reads what the main loop writes."""

    def __init__(self, settings: Settings, loaded: Loaded) -> None:
        self._settings = settings
        self._loaded = loaded
        self._publisher = Publisher(settings, [ACTIONS.name, ACTION_AUDITS.name])
        self._beat_at: float | None = None
        self._is_listening = False
        self._is_stopping = False

    def state(self) -> ListenerState:
        """All facts at this moment."""
        beat_at = self._beat_at
        return ListenerState(
            configured=True,
            listening=self._is_listening,
            loop_age_seconds=None if beat_at is None else time.monotonic() - beat_at,
            has_connected=self._publisher.has_connected,
            is_connected=self._publisher.is_connected,
            topic_problems=self._publisher.topic_problems,
            stopping=self._is_stopping,
        )

    async def serve(self) -> None:
        """Listen, whether the broker answers or not; on SIGTERM finish what has begun, flush, and end."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        metrics, witness = AnswerMetrics(CollectorRegistry()), Witness()
        metrics.registry.register(ProbeCollector(self.state))
        taking = Taking(self._publisher, witness, now_ms=lambda: time.time_ns() // 1_000_000)
        server = AnswerServer(self._settings.answer, self._loaded, taking, witness, metrics)
        runner = web.AppRunner(
            server.application(), access_log=None, handle_signals=False, shutdown_timeout=FINISH_WITHIN_SECONDS
        )
        ops = self._settings.ops
        with OpsServer(state=self.state, registry=metrics.registry, host=ops.host, port=ops.port) as page:
            log.info("ops_listens", url=f"http://{page.address.host}:{page.address.port}")
            async with asyncio.TaskGroup() as tasks:
                endless = [tasks.create_task(self._beat()), tasks.create_task(witness.run(self._settings))]
                tasks.create_task(self._publisher.keep())
                try:
                    await self._listen(runner)
                    await stop.wait()
                finally:
                    self._is_stopping = True
                    log.info("answer_ends")
                    await runner.cleanup()
                    self._publisher.close()
                    for task in endless:
                        task.cancel()

    async def _listen(self, runner: web.AppRunner) -> None:
        wanted = self._settings.answer
        await runner.setup()
        try:
            await web.TCPSite(runner, wanted.host, wanted.port).start()
        except OSError as error:
            where = f"{wanted.host}:{wanted.port}"
            raise OpsError(f"cannot listen on {where}: {error}; set TOCSIN_ANSWER__PORT") from error
        self._is_listening = True
        host, port = runner.addresses[0][:2]
        log.info("answer_listens", url=f"http://{host}:{port}", callbacks=sorted(self._loaded.doors))

    async def _beat(self) -> None:
        while True:
            self._beat_at = time.monotonic()
            await asyncio.sleep(HEARTBEAT_SECONDS)

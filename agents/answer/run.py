"""The composition root of an answering process: settings and the on-call file in, a listening process out."""

import asyncio
import time

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from agents.answer.load import Loaded, load_answers
from agents.answer.metrics import AnswerMetrics
from agents.answer.server import READ_WITHIN_SECONDS, AnswerServer
from agents.answer.taking import RESULT_WITHIN_SECONDS, WRITE_WITHIN_SECONDS, Taking
from agents.answer.witness import Witness
from agents.listening.listener import Listener, until_told
from agents.listening.publisher import Publisher
from agents.metrics.collector import ProbeCollector
from agents.ops.server import OpsServer
from agents.settings import Settings
from agents.web.address import refuse_public
from schemas.topics import ACTION_AUDITS, ACTIONS

log = structlog.get_logger("tocsin.answer")

FINISH_WITHIN_SECONDS = READ_WITHIN_SECONDS + WRITE_WITHIN_SECONDS + RESULT_WITHIN_SECONDS  # what has begun


def run(settings: Settings) -> None:
    """Answer until told to end; raises what an operator has to put right."""
    loaded = load_answers(settings.oncall_file)
    refuse_public(settings.answer.host)
    asyncio.run(serve(settings, loaded))


async def serve(settings: Settings, loaded: Loaded) -> None:
    """Listen, whether the broker answers or not; on SIGTERM finish what has begun, flush, and end."""
    stop = until_told()
    publisher = Publisher(settings, [ACTIONS.name, ACTION_AUDITS.name])
    listener, metrics, witness = Listener(publisher), AnswerMetrics(CollectorRegistry()), Witness()
    metrics.registry.register(ProbeCollector(listener.state))
    taking = Taking(publisher, witness, now_ms=lambda: time.time_ns() // 1_000_000)
    server = AnswerServer(settings.answer, loaded, taking, witness, metrics)
    runner = web.AppRunner(
        server.application(), access_log=None, handle_signals=False, shutdown_timeout=FINISH_WITHIN_SECONDS
    )
    ops, wanted = settings.ops, settings.answer
    with OpsServer(state=listener.state, registry=metrics.registry, host=ops.host, port=ops.port):
        async with asyncio.TaskGroup() as tasks:
            endless = [tasks.create_task(listener.beat()), tasks.create_task(witness.run(settings))]
            tasks.create_task(publisher.keep())
            try:
                where = await listener.listen(runner, wanted.host, wanted.port, setting="TOCSIN_ANSWER__PORT")
                log.info("answer_listens", url=where.url, callbacks=sorted(loaded.doors))
                await stop.wait()
            finally:
                listener.stops()
                log.info("answer_ends")
                await runner.cleanup()
                publisher.close()
                for task in endless:
                    task.cancel()

"""The composition root of a delivering process: the on-call file and its secrets in, an office at work out."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import structlog
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry, ProcessCollector

from agents.app import connection_of
from agents.broker_errors import unreachable
from agents.channels.build import build_channels, secrets_of, targets_of
from agents.channels.outgoing import Outgoing
from agents.deliver.invitations import invite_of
from agents.deliver.metrics import DeliveryFamilies, DeskCollector
from agents.deliver.office import Office
from agents.ending import end_on_sigterm
from agents.files.oncall import DEFAULT_FILE, load_oncall
from agents.metrics.collector import ProbeCollector
from agents.ops.server import OpsServer
from agents.settings import Settings
from agents.topics import fitted
from agents.web.address import refuse_public
from pipeline.incidents.load import OnCallError

log = structlog.get_logger("tocsin.deliver")


def run(settings: Settings) -> None:
    """Deliver until SIGTERM or Ctrl-C; raises what an operator has to put right before anything is sent."""
    file: Path = settings.oncall_file or DEFAULT_FILE
    oncall = load_oncall(file)
    secrets, problems = secrets_of(oncall, file=file.name)
    if problems:
        raise OnCallError(problems)
    invite = invite_of(oncall, file=file.name)
    refuse_public(settings.ops.host)

    async def deliver() -> None:
        end_on_sigterm()  # what is under way is finished by whoever starts next
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
            registry.register(ProbeCollector(office.state))
            host, port = settings.ops.host, settings.ops.port
            with OpsServer(state=office.state, registry=registry, host=host, port=port) as ops:
                log.info("deliver_starts", channels=sorted(channels), broker=settings.bootstrap, url=ops.address.url)
                await office.run()

    with suppress(asyncio.CancelledError):
        asyncio.run(deliver())

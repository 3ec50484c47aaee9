"""The composition root of a worker: settings in, a Faust application with everything around it out."""

import asyncio
import gc
import signal
import time
from typing import Any, NamedTuple

import structlog
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from agents.broker_errors import unreachable
from agents.engine.connection import Connection
from agents.engine.crash import end_at_once_on
from agents.engine.limits import DeadLetterLimit
from agents.engine.partitions import Partitions
from agents.engine.shell import Life, Shell, build_shell, run_worker
from agents.engine.watchdog import Patience, Watchdog, seconds
from agents.metrics import Metrics
from agents.metrics.collector import PartitionCollector, ProbeCollector
from agents.metrics.regions import RegionCollector
from agents.metrics.rules import RulesCollector
from agents.ops.server import OpsServer
from agents.ops.vitals import Vitals
from agents.pace import pace_of, reading_processes_wanted
from agents.product import Product, build_product
from agents.reading.ahead import ReadingProcesses
from agents.reading.wire import Recipe
from agents.settings import Settings, kafka_security
from agents.stages.regions import REGIONS
from agents.topics import ensure_topics, fitted

log = structlog.get_logger("tocsin.worker")

PREFLIGHT_SECONDS = 15.0
# Rows are acyclic: reference counts free them, and a collection that walks a million of them is a pause for nothing.
GC_THRESHOLDS = (100_000, 50, 100)
RECOVERY_GRACE_SECONDS = 60.0  # the watchdog waits this much longer than the engine's own deadline


class Worker(NamedTuple):
    """What one process runs once it knows its broker."""

    engine: Partitions
    shell: Shell
    watchdog: Watchdog


def connection_of(settings: Settings) -> Connection:
    """Where the engine connects to and as whom."""
    return Connection(
        bootstrap=settings.bootstrap,
        application_id=settings.application_id,
        topic_prefix=settings.topic_prefix,
        partitions=settings.partitions,
        security=kafka_security(settings),
        transaction_timeout_seconds=settings.engine.transaction_timeout_seconds,
        compression=None if settings.engine.compression == "none" else settings.engine.compression,
    )


def faust_options(settings: Settings) -> dict[str, Any]:
    """Settings of the Faust application that come from ours."""
    engine = settings.engine
    options: dict[str, Any] = {
        "datadir": str(settings.data_dir),
        "broker_session_timeout": engine.session_timeout_seconds,
        "broker_heartbeat_interval": engine.heartbeat_interval_seconds,
        "broker_request_timeout": max(40.0, engine.session_timeout_seconds + 10.0),
        "broker_rebalance_timeout": engine.stop_within_seconds + 5.0,
        "consumer_max_fetch_size": engine.fetch_bytes_max,
    }
    if settings.consumer_instance_id:
        options["consumer_group_instance_id"] = settings.consumer_instance_id
    credentials = settings.security.faust_credentials()
    if credentials is not None:
        options["broker_credentials"] = credentials
    return options


def reading_processes_of(settings: Settings, product: Product) -> ReadingProcesses:
    """Start the processes that read texts; they load the rules while the worker asks its broker."""
    rules_dir = None if settings.rules_dir is None else str(settings.rules_dir)
    recipe = Recipe(rules_dir=rules_dir, inquiry_level=settings.inquiry_level, model=settings.model)
    return ReadingProcesses(
        recipe,
        rules_version=product.rules_version,
        model_version=product.model_version,
        count=reading_processes_wanted(settings),
        takes_all=product.has_reader,
    )


def build_worker(
    settings: Settings, product: Product, vitals: Vitals, metrics: Metrics, readers: ReadingProcesses
) -> Worker:
    """Put a worker together; nothing is started and no broker is asked."""
    vitals.rules_loaded(product.rules_version)
    metrics.model_loaded(product.model_version)
    metrics.calendars_known(product.calendars_known_until)
    metrics.checks_known(product.severities)
    metrics.partitions_known(settings.partitions)
    for stage in product.stages:
        metrics.stage_started(stage)
    connection = connection_of(settings)
    limit = DeadLetterLimit(settings.dead_letters.share_max, window_records=settings.dead_letters.window_records)
    ahead = {"conversations": readers}
    pace = pace_of(settings, has_reader=product.has_reader)
    engine = Partitions(product.stages, connection, pace, observer=metrics, limit=limit, ahead=ahead)
    vitals.owns(engine.views)
    metrics.collected(
        PartitionCollector(engine.views),
        RulesCollector(engine.views),
        RegionCollector(lambda: engine.frozen(REGIONS.name)),
    )
    shell, watchdog = build_shell(
        engine,
        connection,
        faust_options=faust_options(settings),
        tick_seconds=settings.engine.tick_interval_seconds,
        life=Life(
            beats=vitals.beat,
            is_assigned=vitals.assigned,
            is_revoked=vitals.unassigned,
            stops=vitals.stopping,
            is_silent_for=vitals.broker_silent_for,
        ),
        patience=Patience(
            progress=seconds(settings.engine.stall_after_seconds),
            recovery=seconds(settings.engine.recovery_within_seconds + RECOVERY_GRACE_SECONDS),
        ),
    )
    vitals.watched_by(watchdog.is_alive)
    return Worker(engine, shell, watchdog)


def run(settings: Settings) -> None:
    """Run one worker until it is told to end; raises BrokerError where no broker answers at the start."""
    started_at = time.monotonic()
    end_at_once_on(signal.SIGTERM)  # until Faust listens itself
    vitals, metrics = Vitals(), Metrics(CollectorRegistry())
    metrics.collected(ProbeCollector(vitals.state))
    product = build_product(settings)  # before the broker is asked: a wrong rule is the operator's own
    vitals.configured()
    readers = reading_processes_of(settings, product)
    with OpsServer(state=vitals.state, registry=metrics.registry, host=settings.ops.host, port=settings.ops.port):
        settings = asyncio.run(preflight(settings, vitals))
        worker = build_worker(settings, product, vitals, metrics, readers)
        log.info(
            "worker_starts",
            application_id=settings.application_id,
            broker=settings.bootstrap,
            topic_prefix=settings.topic_prefix,
            partitions=settings.partitions,
            rules_version=product.rules_version,
            model_version=product.model_version,
            seconds=round(time.monotonic() - started_at, 3),
        )
        # What was built until now lives as long as the process: no collection has to look at it again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        worker.watchdog.start()
        run_worker(worker.shell)


async def preflight(settings: Settings, vitals: Vitals) -> Settings:
    """Ask the broker before Faust does: a wrong address is one sentence, not a page of retries.

    Returns the settings with the partition count of the topics that are there already.
    """
    try:
        async with asyncio.timeout(PREFLIGHT_SECONDS):
            settings = await fitted(settings)
            plan = await ensure_topics(settings)
    except (KafkaError, OSError, TimeoutError) as error:
        raise unreachable(settings.bootstrap, error) from error
    vitals.connected()
    vitals.topics_compared(plan.problems)
    for problem in plan.problems:
        log.error("topic_differs", problem=problem)
    return settings

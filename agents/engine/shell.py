"""The Faust application around the engine: one agent per source topic, group membership, timers, start-up and signals.

An agent here is three lines: it takes a batch from its stream and hands it to the partition it belongs to. What is
decided about it is the stage's business, when it has happened is the partition's.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import faust
import structlog
from aiokafka.errors import KafkaError
from faust.types import TP

from agents.engine.batches import BatchConsumer, BatchSchema, BatchTransport
from agents.engine.connection import Connection
from agents.engine.crash import ExitCode, end_at_last, end_process, reason_of
from agents.engine.lookout import Ear, Lookout
from agents.engine.partitions import Partitions
from agents.engine.ticks import Ticker
from agents.engine.watchdog import Patience, Signs, Watchdog

TICK_SECONDS = 1.0
LOOK_SECONDS = 1.0
SWITCH_SECONDS = 0.001
MEANWHILE = "nothing is lost or counted twice: records wait in Kafka, and work goes on when it is back"
STOP_SECONDS = 10.0  # for leaving the group and closing connections, once every turn is finished

log = structlog.get_logger("tocsin.engine")


def _nothing() -> None:
    pass


def _nothing_of_it(_seconds: float) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Life:
    """Whom to tell what happens to the worker."""

    beats: Callable[[], None] = _nothing  # once a second, from the main loop
    is_assigned: Callable[[], None] = _nothing
    is_revoked: Callable[[], None] = _nothing
    stops: Callable[[], None] = _nothing
    is_silent_for: Callable[[float], None] = _nothing_of_it  # seconds without the broker, 0 while it is heard


class Shell(faust.App):
    """A Faust app whose consumer yields whole fetched partitions."""

    engine: Partitions
    look: Callable[[], None]  # once a second, from before the first connection until the end
    finish: Callable[[], Awaitable[None]] | None = None  # until it was told to stop

    async def start(self) -> None:
        """Start everything; a broker that has gone since it was asked ends the process in one sentence."""
        try:
            await super().start()
        except KafkaError as error:
            end_process(reason_of(error), ExitCode.UNFORESEEN, error=repr(error))

    def _crash(self, reason: BaseException) -> None:
        """Some part of Faust has failed. Nobody goes on half: the process ends, unless it is at that already."""
        if self.finish is not None:
            why = reason_of(reason) if isinstance(reason, KafkaError) else "unforeseen"
            end_process(why, ExitCode.UNFORESEEN, error=repr(reason))

    @faust.Service.task
    async def _look_every_second(self) -> None:
        """Not a timer of Faust's: those begin when the group has answered, and a broker may go away before."""
        while not self.should_stop:
            self.look()
            await self.sleep(LOOK_SECONDS)

    async def stop(self) -> None:
        """Finish the running turns before anything else is taken down; then do not wait for a broker that is away."""
        finish, self.finish = self.finish, None
        if finish is not None:
            await finish()
            end_at_last(STOP_SECONDS)
        await super().stop()

    def FlowControlQueue(self, maxsize: int | None = None, *, clear_on_resume: bool = False) -> Any:  # noqa: ARG002, N802
        """A queue that is never cleared.

        Faust clears its queues whenever it resumes the flow, and around one assignment it resumes it several times: a
        batch that came in between was lost. What is of a former assignment the engine knows by its serial.
        """
        return super().FlowControlQueue(maxsize, clear_on_resume=False)

    def _new_transport(self) -> Any:
        return BatchTransport(self.conf.broker_consumer, self)


def build_shell(
    engine: Partitions,
    connection: Connection,
    *,
    faust_options: dict[str, Any],
    tick_seconds: float = TICK_SECONDS,
    life: Life | None = None,
    patience: Patience | None = None,
) -> tuple[Shell, Watchdog]:
    """A Faust app that feeds `engine` from every source topic of its stages. Start it with its `Worker`."""
    shell = Shell(
        connection.application_id,
        broker=[f"kafka://{address}" for address in connection.bootstrap.split(",")],
        **{
            "store": "memory://",
            "value_serializer": "raw",
            "web_enabled": False,
            "consumer_auto_offset_reset": "earliest",
            "topic_allow_declare": False,
            "topic_disable_leader": True,
            "topic_partitions": connection.partitions,
            "broker_max_poll_interval": 86_400.0,
            "broker_max_poll_records": 20_000,
            "consumer_max_fetch_size": 4 << 20,
            "stream_wait_empty": True,
            "worker_redirect_stdouts": False,
            **faust_options,
        },
    )
    shell.engine = engine
    life = life or Life()
    beat = Beat()
    ticker = Ticker(connection)
    sources = {topic.name: topic for stage in engine.stages for topic in stage.sources}
    for topic in sources.values():
        _add_agent(shell, connection.topic(topic), engine)

    watchdog = Watchdog(lambda: beat.signs(engine), patience or Patience())

    @shell.on_partitions_revoked.connect
    async def revoked(*_: Any, **__: Any) -> None:
        life.is_revoked()
        consumer = shell.consumer
        assert isinstance(consumer, BatchConsumer)  # noqa: S101  (the transport above makes no other)
        await engine.suspend(consumer.assignment_serial())

    @shell.on_partitions_assigned.connect
    async def assigned(*signal: Any, **_: Any) -> None:
        tps: AbstractSet[TP] = signal[1]  # the app comes first
        await engine.assign(tp.partition for tp in tps)
        life.is_assigned()

    @shell.timer(tick_seconds)
    async def tick() -> None:
        ticker.tick(engine.clocks(now_ms=int(time.time() * 1000)))

    ear, lookout = Ear(), Lookout(connection.bootstrap, meanwhile=MEANWHILE)

    def look() -> None:
        beat.beat(is_missing=engine.is_missing_batches())
        life.beats()
        consumer = shell.consumer
        if isinstance(consumer, BatchConsumer) and consumer.has_client():
            behind = consumer.behind()
            engine.consumer_is_behind(behind)
            life.is_silent_for(lookout.look(is_heard=ear.hears(consumer, behind)))

    async def finish() -> None:
        life.stops()
        watchdog.stop()
        await engine.release()
        await ticker.stop()

    shell.look, shell.finish = look, finish
    return shell, watchdog


def _add_agent(shell: Shell, topic: str, engine: Partitions) -> None:
    channel = faust.Topic(
        shell,
        topics=[topic],
        schema=BatchSchema(key_serializer="raw", value_serializer="raw"),
        allow_empty=True,
    )

    @shell.agent(channel, name=f"tocsin.{topic}")
    async def hand_over(stream: Any) -> None:
        async for batch in stream:
            engine.put(batch)


class Beat:
    """When the main loop was last alive, and since when a batch has been missing."""

    def __init__(self) -> None:
        self._beat_at = time.monotonic()
        self._missing_since: float | None = None

    def beat(self, *, is_missing: bool) -> None:
        """Called from the main loop."""
        self._beat_at = now = time.monotonic()
        if not is_missing:
            self._missing_since = None
        elif self._missing_since is None:
            self._missing_since = now

    def signs(self, engine: Partitions) -> Signs:
        """What the watchdog judges; called from its thread."""
        now = time.monotonic()
        missing = 0.0 if self._missing_since is None else now - self._missing_since
        return Signs(
            loop_age=timedelta(seconds=now - self._beat_at),
            partitions=engine.views(),
            missing_batch_age=timedelta(seconds=missing),
        )


def run_worker(shell: Shell) -> None:
    """Run until SIGTERM or SIGINT; ends the process with code 0 after the running turn."""
    worker = shell.Worker(
        loglevel="warn", redirect_stdouts=False, quiet=True, loop=asyncio.new_event_loop(), override_logging=False
    )
    # The consumer's thread shares the interpreter with the turns; with 5 ms it waits that long for each of its steps.
    sys.setswitchinterval(SWITCH_SECONDS)
    worker.spinner = None  # it writes escape codes into whatever stdout is
    worker.execute_from_commandline()

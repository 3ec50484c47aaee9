"""The clock that goes through the log: once a second a record in every owned partition says what time it is there.

That is now, but where more waits than one turn takes: then it is the time of what was read last. A clock that is ahead
of the records would find unanswered what has an answer that waits to be read.

This is the only place where the wall clock enters the pipeline, and it enters as data: whoever replays the log sees
the same time pass. Ticks are written by an ordinary producer, outside any transaction; a late or doubled tick of a
former owner does no harm, since a partition's clock never runs backwards.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from agents.engine.connection import Connection
from schemas import codec
from schemas.ticks import Tick
from schemas.topics import TICKS

STOP_SECONDS = 2.0

log = structlog.get_logger("tocsin.engine")


def clock_ms(
    now_ms: int, *, lag: Mapping[str, int], read_ms: Mapping[str, int], most: int, sources: Sequence[str]
) -> int | None:
    """What time it is in a partition, of which a turn takes `most` records of each of its `sources`.

    `lag` is how many wait by topic, `read_ms` the time of what was read last. None where nobody can say yet: the broker
    has not told what waits of a topic, or nothing was read of one of which much does.
    """
    if any(topic not in lag for topic in sources):
        return None
    behind = [topic for topic in sources if lag[topic] > most]
    if not all(read_ms.get(topic) for topic in behind):
        return None
    return min([now_ms, *(read_ms[topic] for topic in behind)])


class Ticker:
    """Writes ticks. One round at a time: while the broker is away, rounds are left out instead of piling up."""

    def __init__(self, connection: Connection) -> None:
        self._topic = connection.topic(TICKS)
        self._options = connection.client_options
        self._producer: AIOKafkaProducer | None = None
        self._round: asyncio.Task[None] | None = None
        self._is_told = False  # that ticks are not written is said once

    def tick(self, clocks: Mapping[int, int]) -> None:
        """Start a round of ticks, by partition what time it is there, unless the one before is still on its way."""
        if clocks and (self._round is None or self._round.done()):
            self._round = asyncio.create_task(self._write(clocks), name="ticks")

    async def _write(self, clocks: Mapping[int, int]) -> None:
        ticks = {number: codec.encode_record(Tick(now_ms=now_ms, reason="timer")) for number, now_ms in clocks.items()}
        try:
            if self._producer is None:
                self._producer = await self._started()
            await asyncio.gather(
                *[
                    await self._producer.send(
                        self._topic,
                        value,
                        key=str(number).encode(),
                        partition=number,
                        headers=headers,
                    )
                    for number, (value, headers) in ticks.items()
                ]
            )
            self._is_told = False
        except KafkaError as error:
            if not self._is_told:
                log.warning("tick_not_written", error=type(error).__name__)
            self._is_told = True

    async def _started(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(**self._options, linger_ms=0)
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def stop(self) -> None:
        """Let the last round end."""
        if self._round is not None:
            self._round.cancel()
            await asyncio.gather(self._round, return_exceptions=True)
        if self._producer is not None:
            with suppress(TimeoutError):  # the broker is away: nobody misses a tick
                await asyncio.wait_for(self._producer.stop(), STOP_SECONDS)

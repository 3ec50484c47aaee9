"""The worker's side: batches are read ahead by a process beside it, and by the worker itself while none is ready.

While a partition waits for its readings, the worker goes on with its other partitions. What a reading process answers
is what the worker's own tagger would have said, so it makes no difference which of the two has read a batch.
"""

import asyncio
import fcntl
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog

from agents.engine.crash import ExitCode, end_process
from agents.engine.turns import Readings
from agents.reading.wire import LENGTH, LESSONS_KEPT, Hello, Lesson, Recipe, Reply, Request, encode, frame
from pipeline.conversation.heard import Heard, texts_of
from pipeline.rulebook import LIVE_KEY
from pipeline.stage import Rows
from schemas.rules import RulesPack
from schemas.vocabulary import Role

# Fewer texts than this are read in the time that asking takes.
FEWEST_TEXTS = 25
_STREAM_LIMIT_BYTES = 1 << 20
_PIPE_BYTES = 1 << 20  # what Linux allows everybody

log = structlog.get_logger("tocsin.reading")


def widen(pipe: int) -> None:
    """Let a pipe hold a whole batch: the loop hands on one piece of it a round, and rounds are long under load."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


class ReadingProcess:
    """One reading process: started before the event loop, attached to it later, gone with the worker.

    `takes_all`: a text may take long, so none is to be read on the worker's loop. Few texts are asked for then too, and
    the start of the process is waited for.
    """

    def __init__(self, recipe: Recipe, *, rules_version: str, model_version: str, takes_all: bool = False) -> None:
        self._versions = Hello(rules_version, model_version)
        self._fewest_texts = 1 if takes_all else FEWEST_TEXTS
        self._takes_all = takes_all
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agents.reading"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin is not None  # noqa: S101  (both were asked for above)
        assert self._process.stdout is not None  # noqa: S101
        widen(self._process.stdin.fileno())
        widen(self._process.stdout.fileno())
        self._process.stdin.write(frame(encode(recipe)))
        self._process.stdin.flush()
        self._writer: asyncio.StreamWriter | None = None
        self._asked: deque[asyncio.Future[Reply]] = deque()
        self._attaching: asyncio.Task[None] | None = None
        self._transports: tuple[asyncio.BaseTransport, ...] = ()
        self._is_ready = False
        self._taught: deque[str] = deque(maxlen=LESSONS_KEPT)
        self.has_said_hello = asyncio.Event()

    async def _attach(self) -> None:
        """Listen to the process from the running event loop."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=_STREAM_LIMIT_BYTES)
        source, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), self._process.stdout)
        sink, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, self._process.stdin)
        self._transports = (source, sink)
        self._writer = asyncio.StreamWriter(sink, protocol, None, loop)
        await self._listen(reader)

    async def read(self, events: Sequence[Any], pack: RulesPack | None = None) -> Readings | None:
        """What each event says, by a pushed pack or else the worker's own; None where the worker is to read."""
        if self._attaching is None:
            self._attaching = asyncio.create_task(self._attach(), name="reading")
        places, texts, roles = texts_of(events)
        if len(texts) < self._fewest_texts:
            return None
        if self._takes_all:
            await self.has_said_hello.wait()
        if not self._is_ready or self._writer is None:
            return None
        try:
            by = self._versions.rules_version if pack is None else pack.version
            said_by = "".join(["c" if role is Role.CUSTOMER else "a" for role in roles])
            body = encode(Request(texts, said_by, by))
        except UnicodeEncodeError:  # half a character
            return None
        if pack is not None and by not in self._taught:
            self._taught.append(by)
            self._writer.write(frame(encode(Lesson(by, pack.content))))
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        self._writer.write(frame(body))
        await self._writer.drain()
        found = (await answer).heard
        if found is None:
            return None
        readings: list[Heard | None] = [None] * len(events)
        for place, heard in found.items():
            readings[places[place]] = heard
        return Readings(readings, by)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            hello = msgspec.msgpack.decode(await self._receive(reader), type=Hello)
            self._is_ready = hello == self._versions
            self.has_said_hello.set()
            log.info("reading_process_ready", process=self._process.pid, rules_version=hello.rules_version)
            decoder = msgspec.msgpack.Decoder(Reply)
            while True:
                reply = decoder.decode(await self._receive(reader))
                answer = self._asked.popleft()
                if not answer.done():  # who asked may have been cancelled: its partition was given up
                    answer.set_result(reply)
        except asyncio.IncompleteReadError:
            end_process("the reading process ended", ExitCode.UNFORESEEN, process=self._process.pid)
        except msgspec.DecodeError:
            end_process("the reading process wrote what is no answer", ExitCode.UNFORESEEN, process=self._process.pid)

    async def _receive(self, reader: asyncio.StreamReader) -> bytes:
        (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
        return await reader.readexactly(length)

    async def stop(self) -> None:
        """Close the pipes and see the process end. A worker need not: its own end closes them."""
        if self._attaching is not None:
            self._attaching.cancel()
        for transport in self._transports:
            transport.close()
        await asyncio.to_thread(self._process.wait)


class ReadingProcesses:
    """All reading processes of a worker; a partition keeps to one of them."""

    def __init__(self, recipe: Recipe, *, rules_version: str, model_version: str, count: int, takes_all: bool) -> None:
        self._processes = [
            ReadingProcess(recipe, rules_version=rules_version, model_version=model_version, takes_all=takes_all)
            for _ in range(count)
        ]

    async def read(self, partition: int, events: Sequence[Any], rows: Rows[Any]) -> Readings | None:
        """What each event says by the pack that the partition goes by now; None where the worker is to read."""
        if not self._processes:
            return None
        return await self._processes[partition % len(self._processes)].read(events, rows.get(LIVE_KEY))

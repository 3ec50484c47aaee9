"""Many open boards on one `tocsin board`: what the server needs for them, and when each page has an alert.

Worker, broker, writer and pages share this machine. A page here is its stream, read to the byte by one process for all
of them; what a browser draws of it is not measured.
"""

import asyncio
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from agents.demo.processes import free_port
from bench.feed import Line, write_steadily
from bench.input import product_lines
from bench.jobs import PARTITIONS, WARM_UP_SECONDS, until_logged, worker_of
from bench.process import Measured

SETTLE_SECONDS = 5.0
MESSAGE_BYTES_MAX = 16 * 1024 * 1024


class Boards(NamedTuple):
    """What the server used while the boards were open, and from an event's Kafka time until each page had its alert."""

    boards: int
    cpu_share: float  # of one core
    peak_rss_bytes: int
    alerts: int
    p50_ms: float
    p99_ms: float
    cut_off: int  # streams that the server ended: they did not keep up


class _Alert(msgspec.Struct):
    id: str
    emitted_at: int


class _Update(msgspec.Struct):
    alerts: list[_Alert] = []


_decode_update = msgspec.json.Decoder(_Update).decode


class Pages:
    """The open streams. The same message to all of them is decoded once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._last = (b"", _Update())
        self.warm_at_ms = 0.0
        self.delays_ms: list[float] = []
        self.seen: set[str] = set()
        self.cut_off = 0

    async def read(self, group: asyncio.TaskGroup, count: int) -> list[asyncio.Task[None]]:
        """Open so many streams; each is read by a task of its own until it is cancelled."""
        tasks = []
        for number in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=MESSAGE_BYTES_MAX)
            writer.write(b"GET /api/events HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")  # 1.0: it is not cut into chunks
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.partition(b"\r\n")[0]:
                raise RuntimeError(f"stream {number} was refused: {head[:60]!r}")
            tasks.append(group.create_task(self._read_one(reader, writer)))
        return tasks

    async def _read_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                self._take(await reader.readuntil(b"\n\n"))
        except asyncio.IncompleteReadError:
            self.cut_off += 1
        finally:
            writer.close()

    def _take(self, message: bytes) -> None:
        if not message.startswith(b"event: update"):
            return
        now_ms = time.time() * 1000
        if message != self._last[0]:
            self._last = (message, _decode_update(message.partition(b"data: ")[2]))
        for alert in self._last[1].alerts:
            if alert.emitted_at >= self.warm_at_ms:
                self.seen.add(alert.id)
                self.delays_ms.append(now_ms - alert.emitted_at)


def boards(bootstrap: str, prefix: str, folder: Path, *, count: int, per_second: int, seconds: int) -> Boards:
    """So many open boards at a steady rate of events, after a warm-up."""
    lines = list(islice(product_lines(prefix, PARTITIONS), per_second * (WARM_UP_SECONDS + seconds)))
    return asyncio.run(_watch(bootstrap, prefix, folder, lines, count=count, per_second=per_second))


async def _watch(
    bootstrap: str, prefix: str, folder: Path, lines: Sequence[Line], *, count: int, per_second: int
) -> Boards:
    port = free_port()
    pages = Pages(port)
    environment = {
        "TOCSIN_BROKER": bootstrap,
        "TOCSIN_TOPIC_PREFIX": prefix,
        "TOCSIN_APPLICATION_ID": f"{prefix}app",
        "TOCSIN_BOARD__PORT": str(port),
    }
    with worker_of(bootstrap, prefix, folder, port=0) as worker:
        await asyncio.to_thread(until_logged, worker, "partition_taken_over", times=PARTITIONS)
        with Measured(("agents.cli", "board"), environment, folder / f"{prefix}board.log") as board:
            await asyncio.to_thread(until_logged, board, "board_loads")
            async with asyncio.TaskGroup() as group:
                reading = await pages.read(group, count)
                feeding = group.create_task(write_steadily(bootstrap, lines, per_second=per_second))
                await asyncio.sleep(WARM_UP_SECONDS)
                pages.warm_at_ms = time.time() * 1000
                began, cpu_before = time.monotonic(), board.cpu_seconds
                await feeding
                cpu_share = (board.cpu_seconds - cpu_before) / (time.monotonic() - began)
                await asyncio.sleep(SETTLE_SECONDS)
                for each in reading:
                    each.cancel()
            peak_rss_bytes = board.peak_rss_bytes
    found = sorted(pages.delays_ms)
    return Boards(
        boards=count,
        cpu_share=cpu_share,
        peak_rss_bytes=peak_rss_bytes,
        alerts=len(pages.seen),
        p50_ms=found[len(found) // 2],
        p99_ms=found[int(len(found) * 0.99)],
        cut_off=pages.cut_off,
    )

"""The jobs: throughput of the reference job and of the product, delay at a steady rate, recovery, readiness."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from agents.engine.transactions import partition_of
from bench.feed import Line, create_topics, write, write_steadily
from bench.input import product_lines
from bench.process import Measured
from bench.reference import EVENTS, MATCHES, events
from schemas.topics import ALERTS
from schemas.vocabulary import RISES, AlertKind

PARTITIONS = 4
WATCH_SECONDS = 0.25
PATIENCE_SECONDS = 600.0
# A broker compiles while it serves: at this rate its first ten seconds take two to five times as long, and tell of it.
WARM_UP_SECONDS = 15


class Throughput(NamedTuple):
    """What a job did between its first and its last commit."""

    events: int
    events_per_second: float
    cpu_us_per_event: float
    peak_rss_bytes: int


class Delay(NamedTuple):
    """From the event's Kafka time until a reader of committed records has the alert."""

    alerts: int
    p50_ms: float
    p99_ms: float


class Delays(NamedTuple):
    """Alerts that an event raises by itself, and those that gather several, which go through the log once more."""

    raised: Delay
    gathered: Delay


class Recovery(NamedTuple):
    """How long a worker needs for its rows, and until it says that it is ready."""

    rows: int
    recovery_seconds: float  # the slowest partition
    ready_seconds: float  # since the process was started


def reference(bootstrap: str, prefix: str, folder: Path, *, count: int) -> Throughput:
    """The reference job of the design: engine and job, nothing else."""
    names = [prefix + name for name in (EVENTS.name, MATCHES.name, "reference-changelog", "ticks")]
    asyncio.run(create_topics(bootstrap, names, partitions=PARTITIONS))
    topic = prefix + EVENTS.name
    started_at_ms = int(time.time() * 1000) - count

    def lines() -> Iterator[Line]:
        for key, value, _ in events(count, started_at_ms=started_at_ms):
            yield Line(topic, partition_of(key, PARTITIONS), key, value)

    asyncio.run(write(bootstrap, lines()))
    variables = {"BENCH_BROKER": bootstrap, "BENCH_PREFIX": prefix, "BENCH_FOLDER": str(folder)}
    worker = Measured(("bench.worker",), variables, folder / f"{prefix}worker.log")
    return _drain(bootstrap, f"{prefix}app", worker, count)


def product(
    bootstrap: str, prefix: str, folder: Path, *, count: int, environment: Mapping[str, str] | None = None
) -> Throughput:
    """`tocsin worker` as it is, on dialogues."""
    with worker_of(bootstrap, prefix, folder, port=0) as first:  # creates the topics, as it does for everybody
        until_logged(first, "partition_taken_over")
    lines = islice(product_lines(prefix, PARTITIONS), count)
    asyncio.run(write(bootstrap, lines))
    worker = worker_of(bootstrap, prefix, folder, port=0, environment=environment)
    return _drain(bootstrap, f"{prefix}app", worker, count)


def delay(bootstrap: str, prefix: str, folder: Path, *, per_second: int, seconds: int) -> Delays:
    """Event to alert at a steady rate, after a warm-up; everything, this reader too, shares the machine."""
    lines = list(islice(product_lines(prefix, PARTITIONS), per_second * (WARM_UP_SECONDS + seconds)))
    with worker_of(bootstrap, prefix, folder, port=0) as worker:
        until_logged(worker, "partition_taken_over", times=PARTITIONS)
        found = asyncio.run(_alert_delays(bootstrap, prefix, lines, per_second))
    raised = [ms for kind, ms in found if kind in RISES]
    return Delays(delay_of(raised), delay_of([ms for kind, ms in found if kind not in RISES]))


def delay_of(found: Sequence[float]) -> Delay:
    """Some delays in milliseconds as what is said of them; nothing but zeros of none."""
    if not found:
        return Delay(0, 0.0, 0.0)
    ordered = sorted(found)
    return Delay(len(ordered), ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)])


def recovery(bootstrap: str, prefix: str, folder: Path, *, rows: int, port: int) -> Recovery:
    """Rows of real conversations, written to the changelog under so many keys, and a worker that reads them back."""
    with worker_of(bootstrap, prefix, folder, port=port) as first:
        until_logged(first, "partition_taken_over", times=PARTITIONS)
        if rows:
            asyncio.run(write(bootstrap, islice(product_lines(prefix, PARTITIONS), 20_000)))
            asyncio.run(_until_committed(bootstrap, f"{prefix}app", 20_000))
    if rows:
        asyncio.run(_multiply_rows(bootstrap, f"{prefix}conversations-changelog", rows))
    with worker_of(bootstrap, prefix, folder, port=port) as worker:
        ready_seconds = until_ready(worker, port)
        taken = [line for line in _log(worker) if line.get("event") == "partition_taken_over"]
    return Recovery(
        sum(sum(line["rows"].values()) for line in taken), max(line["seconds"] for line in taken), ready_seconds
    )


def worker_of(
    bootstrap: str, prefix: str, folder: Path, *, port: int, environment: Mapping[str, str] | None = None
) -> Measured:
    """`tocsin worker` as it is."""
    variables = {
        "TOCSIN_BROKER": bootstrap,
        "TOCSIN_TOPIC_PREFIX": prefix,
        "TOCSIN_APPLICATION_ID": f"{prefix}app",
        "TOCSIN_PARTITIONS": str(PARTITIONS),
        "TOCSIN_OPS__PORT": str(port),
    }
    return Measured(("agents.cli", "worker"), {**variables, **(environment or {})}, folder / f"{prefix}worker.log")


def _drain(bootstrap: str, group: str, worker: Measured, count: int) -> Throughput:
    with worker:
        first, last, cpu = asyncio.run(_watch(bootstrap, group, worker, count))
        (began_at, began_with), (ended_at, _) = first, last
        done = count - began_with
        return Throughput(count, done / (ended_at - began_at), cpu / done * 1e6, worker.peak_rss_bytes)


Sample = tuple[float, int]


async def _watch(bootstrap: str, group: str, worker: Measured, count: int) -> tuple[Sample, Sample, float]:
    """First and last sample of committed input offsets, and the CPU seconds between them."""
    first: Sample | None = None
    cpu_before = 0.0
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < deadline:
            _check(worker)
            sample = (time.monotonic(), await _committed(admin, group))
            if first is None and sample[1] > 0:
                first, cpu_before = sample, worker.cpu_seconds
            if first is not None and sample[1] >= count:
                return first, sample, worker.cpu_seconds - cpu_before
            await asyncio.sleep(WATCH_SECONDS)
    finally:
        await admin.close()
    raise TimeoutError(f"{group} did not work off {count} events within {PATIENCE_SECONDS:.0f} s")


async def _committed(admin: AIOKafkaAdminClient, group: str) -> int:
    """Committed offsets of the input topics, added up: our own topics and ticks do not count."""
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    except GroupCoordinatorNotAvailableError:  # the first group of a new broker
        return 0
    inputs = ("reference.events", "calls.utterances", "chats.messages")
    return sum(each.offset for tp, each in offsets.items() if tp.topic.endswith(inputs))


async def _until_committed(bootstrap: str, group: str, count: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        while await _committed(admin, group) < count:  # noqa: ASYNC110  nobody here could set an event
            await asyncio.sleep(WATCH_SECONDS)
    finally:
        await admin.close()


async def _alert_delays(
    bootstrap: str, prefix: str, lines: Sequence[Line], per_second: int
) -> list[tuple[AlertKind, float]]:
    """Kind and milliseconds of every alert after the warm-up."""
    consumer = AIOKafkaConsumer(
        prefix + ALERTS.name, bootstrap_servers=bootstrap, isolation_level="read_committed", fetch_max_wait_ms=10
    )
    await consumer.start()
    delays: list[tuple[AlertKind, float]] = []
    warm_at_ms = (time.time() + WARM_UP_SECONDS) * 1000
    feeding = asyncio.create_task(write_steadily(bootstrap, lines, per_second=per_second))
    until: float | None = None
    try:
        while until is None or time.monotonic() < until:
            for records in (await consumer.getmany(timeout_ms=20)).values():
                now_ms = time.time() * 1000
                alerts = (json.loads(record.value) for record in records)
                delays += [
                    (AlertKind(alert["kind"]), now_ms - alert["emitted_at"])
                    for alert in alerts
                    if alert["emitted_at"] >= warm_at_ms
                ]
            if feeding.done() and until is None:
                await feeding
                until = time.monotonic() + 3.0
    finally:
        await consumer.stop()
    return delays


async def _multiply_rows(bootstrap: str, topic: str, rows: int) -> None:
    """Copy the rows of a changelog under new keys until there are so many."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    await consumer.start()
    found: dict[bytes, bytes] = {}
    try:
        while batches := await consumer.getmany(timeout_ms=2_000):
            for records in batches.values():
                found.update({each.key: each.value for each in records if each.value and each.key[:1] != b"\xff"})
    finally:
        await consumer.stop()
    values = list(found.values())

    def lines() -> Iterator[Line]:
        for number in range(rows):
            yield Line(topic, number % PARTITIONS, b"call:bench-%d" % number, values[number % len(values)])

    await write(bootstrap, lines())


def until_ready(worker: Measured, port: int) -> float:
    """Wait until the worker says that it is ready; the seconds since it was started."""
    while not _is_ready(port):
        _check(worker)
        time.sleep(0.02)
    return time.monotonic() - worker.started_at


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _log(worker: Measured) -> list[dict[str, Any]]:
    lines = worker.log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def until_logged(worker: Measured, event: str, *, times: int = 1) -> None:
    """Until a process has logged an event so often; raises where it ends before."""
    while sum(line.get("event") == event for line in _log(worker)) < times:
        _check(worker)
        time.sleep(0.05)


def _check(worker: Measured) -> None:
    if not worker.is_running:
        raise RuntimeError("the worker ended:\n" + worker.log.read_text(encoding="utf-8", errors="replace")[-3_000:])

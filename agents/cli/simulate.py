"""`tocsin simulate`: the whole pipeline in memory. Kafka records in, Kafka records out, as JSON lines.

The same input gives the same output, byte for byte: time comes from the records, and no record knows which batch it
was in. What is published on a topic that another stage reads is fed to that stage at once.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any

import msgspec
import typer

from agents.cli.exits import Exit
from agents.recording.lines import open_lines
from agents.recording.records import Recorded
from pipeline.runner import Incoming, Runner
from pipeline.stage import Output
from schemas import codec
from schemas.codec import Record
from schemas.topics import RULES_PACKS, TICKS, Topic, by_name

PartitionOf = Callable[[bytes], int]


def simulate_command(
    file: Annotated[str, typer.Argument(help="JSON lines of Kafka records; - is standard input.")],
) -> None:
    """Run the pipeline in memory over records: JSONL in, JSONL out; no Kafka. Exit code 1 when a line was no record."""
    from agents.engine.transactions import partition_of
    from agents.product import build_product
    from agents.settings import load_settings

    settings = load_settings()

    def place(key: bytes) -> int:
        return partition_of(key, settings.partitions)

    runner = Runner(build_product(settings).stages, partition_of=place)
    reader = Reader(runner, partition_of=place, partitions=settings.partitions, name=file)
    with open_lines(file) as lines:
        for output in runner.feed(reader.records(lines)):
            sys.stdout.buffer.write(written(output))
    sys.stdout.buffer.flush()
    if reader.problems:
        raise typer.Exit(Exit.PROBLEMS)


class Reader:
    """Lines as records of the topics that a stage reads; other known topics are passed over, every bad line is told."""

    def __init__(self, runner: Runner, *, partition_of: PartitionOf, partitions: int, name: str) -> None:
        self._runner = runner
        self._partition_of = partition_of
        self._partitions = partitions
        self._name = name
        self._next_offset: dict[tuple[str, int], int] = defaultdict(int)
        self.problems = 0

    def records(self, lines: Iterable[bytes]) -> Iterator[Incoming]:
        """Every record, in the order of the lines; offsets go on from the last one where a line names none."""
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                recorded = Recorded.of_line(line)
                topic = by_name[recorded.topic]
            except KeyError:
                self._complain(number, "topic: expected a topic of the topic table, without prefix")
                continue
            except ValueError as error:
                self._complain(number, str(error))
                continue
            if self._runner.reads(topic):
                for partition in self._places(recorded, topic):
                    yield self._record(recorded, topic, partition)

    def _record(self, recorded: Recorded, topic: Topic, partition: int) -> Incoming:
        place = (topic.name, partition)
        offset = self._next_offset[place] if recorded.offset is None else recorded.offset
        self._next_offset[place] = offset + 1
        record = Record(offset, recorded.timestamp_ms, recorded.key, recorded.value, recorded.headers)
        return Incoming(topic, partition, record)

    def _places(self, recorded: Recorded, topic: Topic) -> Iterable[int]:
        if recorded.partition is not None:
            return (recorded.partition,)
        if topic in {TICKS, RULES_PACKS}:  # what is told to nobody in particular is told to everybody
            return range(self._partitions)
        return (0 if recorded.key is None else self._partition_of(recorded.key),)

    def _complain(self, number: int, problem: str) -> None:
        self.problems += 1
        sys.stderr.write(f"{self._name}:{number}: {problem}\n")


def written(output: Output) -> bytes:
    """An output record as a line."""
    line: dict[str, Any] = {
        "topic": output.topic.name,
        "key": output.key.decode(errors="replace"),
        "value": msgspec.Raw(b"null" if output.value is None else codec.encode(output.value)),
    }
    return msgspec.json.encode(line) + b"\n"

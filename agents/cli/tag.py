"""`tocsin tag`: judge texts and dialogues, JSON lines in and out, without Kafka.

One line out for each line in, in order. A line that cannot be read gives a line with `error` and a message on standard
error; the others are judged all the same, and the exit code is 1 at the end.
"""

import sys
from collections.abc import Iterator
from typing import Annotated, BinaryIO

import orjson
import typer

from agents.cli.exits import Exit
from agents.cli.judged import Judge
from agents.cli.judging import InquiryLevel, ModelName, RulesFolder, tagger_of
from agents.files.models import BUILTIN
from agents.recording.lines import open_lines
from pipeline.rules.load import DEFAULT_PACK

_CHUNK_BYTES = 256 * 1024


def tag_command(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="JSON lines; - is standard input.")],
    inquiry_level: InquiryLevel = "potential",
    rules: RulesFolder = DEFAULT_PACK,
    model: ModelName = BUILTIN,
) -> None:
    """Judge texts or dialogues: JSONL in, JSONL out, no Kafka."""
    judge = Judge(tagger_of(rules, model, inquiry_level))
    with open_lines(file) as source:
        bad_count = _run(judge, source)
    if bad_count:
        typer.echo(f"{bad_count} 行未能读取 line(s) could not be read", err=True)
        raise typer.Exit(Exit.PROBLEMS)


def _run(judge: Judge, source: BinaryIO) -> int:
    bad_count = 0
    out = sys.stdout.buffer
    for first_number, lines in _batches(source):
        for number, answer in enumerate(judge.answers(lines), first_number):
            if answer is None:
                continue
            if "error" in answer:
                bad_count += 1
                answer["line"] = number
                typer.echo(
                    f"第 {number} 行 line {number}: {answer['error']['path']}: {answer['error']['expected']}", err=True
                )
            out.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
        out.flush()
    return bad_count


def _batches(source: BinaryIO) -> Iterator[tuple[int, list[bytes]]]:
    """Whole lines as they come, with the number of the first; a slow writer is not kept waiting for a full batch."""
    read = getattr(source, "read1", source.read)
    number, rest = 1, b""
    while chunk := read(_CHUNK_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        if lines:
            yield number, lines
            number += len(lines)
    if rest:
        yield number, [rest]

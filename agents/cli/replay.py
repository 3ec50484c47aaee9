"""`tocsin replay`: send a recording to the source topics."""

import asyncio
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from agents.cli.show import print_json
from agents.recording.lines import count_lines, open_lines
from agents.recording.records import read_records
from agents.recording.replay import Pace, Shift, replay
from agents.settings import load_settings


def replay_command(
    file: Annotated[
        str, typer.Argument(help="JSONL of Kafka records, as `tocsin simulate` reads; - is standard input.")
    ],
    speed: Annotated[float, typer.Option(min=0, help="10 is ten times as fast, 0 as fast as possible.")] = 1.0,
    shift: Annotated[Shift, typer.Option(help="now: times become those of the replay; none: they stay.")] = Shift.NOW,
    rate: Annotated[float, typer.Option(min=0, help="Events a second, whatever the recorded times; 0 is off.")] = 0.0,
    longest_gap: Annotated[
        float, typer.Option(min=0, help="Cut longer silences to so many seconds; 0 keeps them.")
    ] = 0.0,
    json: Annotated[bool, typer.Option("--json", help="Say the result as JSON.")] = False,
) -> None:
    """Send recorded events to Kafka with their keys and headers; the topic prefix of the settings is put before."""
    settings = load_settings()
    pace = Pace(speed=speed, events_per_second=rate, longest_gap_seconds=longest_gap)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    with open_lines(file) as lines, progress:
        task = progress.add_task("回放 replay", total=count_lines(file) if sys.stderr.isatty() else None)
        records = read_records(lines, name=file)
        sent = 0

        def on_sent(count: int) -> None:
            nonlocal sent
            sent = count
            progress.update(task, completed=count)

        try:
            asyncio.run(replay(settings, records, pace=pace, shift=shift, on_sent=on_sent))
        except BaseException:  # a bad line, a broker that went away, Ctrl-C: whoever tries again wants to know
            if sent:
                typer.echo(f"此前已发送至多 {sent} 条 · up to {sent} records were sent before", err=True)
            raise
    if json:
        print_json({"sent": sent})
    else:
        typer.echo(f"已发送 {sent} 条 · {sent} records sent to {settings.bootstrap}")

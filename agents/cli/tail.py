"""`tocsin tail`: what the pipeline says, as it says it."""

import asyncio
import sys
from enum import StrEnum
from typing import Annotated

import orjson
import typer

from agents.cli.cards import CARDS
from agents.cli.show import console, print_json
from agents.recording.follow import follow
from agents.settings import Settings, load_settings
from schemas import topics


class Stream(StrEnum):
    """What can be followed."""

    ALERTS = "alerts"
    TAGGED = "tagged"
    DEADLETTERS = "deadletters"
    HOT = "hot"


TOPICS = {
    Stream.ALERTS: topics.ALERTS,
    Stream.TAGGED: topics.TAGGED,
    Stream.DEADLETTERS: topics.DEADLETTERS,
    Stream.HOT: topics.HOT,
}


def tail_command(
    stream: Annotated[Stream, typer.Argument(help="What to follow.")],
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin with the oldest record that is kept.")
    ] = False,
    count: Annotated[int, typer.Option(min=0, help="End after so many; 0 never ends.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="One record a line, as it is on the wire.")] = False,
) -> None:
    """Follow alerts, tags, dead letters or hot tickets. Only committed records are shown; Ctrl-C ends it."""
    asyncio.run(_tail(load_settings(), stream, from_start=from_start, count=count, as_json=json))


async def _tail(settings: Settings, stream: Stream, *, from_start: bool, count: int, as_json: bool) -> None:
    out = console()
    shown = 0
    async with follow(settings, [TOPICS[stream]], from_start=from_start) as follower:
        async for seen in follower.records():
            try:
                if as_json:
                    print_json(orjson.loads(seen.value))
                else:
                    value = seen.decoded()
                    out.print(CARDS[type(value)](value))
            except ValueError:  # somebody else put it there: told, never shown
                sys.stderr.write(f"无法解读 {len(seen.value)} 字节 · not a record of {stream}\n")
                continue
            shown += 1
            if shown == count:
                return

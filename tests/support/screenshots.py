"""Pictures for the README: the board over the sample day, as if the day were ending now. `make screenshots` runs this.

The day goes through all stages in memory, with a tick a minute, and ends when it does: in the afternoon. So what was
promised for the same day is still to come, whenever the picture is drawn.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from msgspec.structs import replace

from agents.board.freshness import Source
from agents.board.reader import READ, SOURCES, wall_ms
from agents.demo import script
from agents.demo.clock import MIDNIGHT
from agents.engine.transactions import partition_of
from agents.product import build_product
from agents.recording.records import Recorded
from agents.settings import Settings
from pipeline.runner import Incoming, Runner
from schemas import codec
from schemas.codec import Record
from schemas.ticks import Tick
from schemas.topics import TICKS, by_name
from tests.support.boards import served
from tests.support.browser import chromium, tab
from tests.support.feedback import MINUTE

FOLDER = Path("docs/pictures")
PARTITIONS = 4
DESK = (1680, 1180)


def day(ends_ms: int) -> Iterator[Incoming]:
    """The sample day moved so that it ends at a moment, ticks among it."""
    records = [each for each in script.records() if each.value != script.POISON]
    moved_ms = ends_ms - records[-1].timestamp_ms
    moved = [each.moved_to(each.timestamp_ms + moved_ms) for each in records]
    begins_ms = moved[0].timestamp_ms
    ticks = [
        Recorded(TICKS.name, at_ms, b"", codec.encode(Tick(now_ms=at_ms)), partition=number)
        for at_ms in range(begins_ms - 5 * MINUTE, ends_ms, MINUTE)
        for number in range(PARTITIONS)
    ]
    for each in sorted([*moved, *ticks], key=lambda each: each.timestamp_ms):
        number = partition_of(each.key or b"", PARTITIONS) if each.partition is None else each.partition
        yield Incoming(by_name[each.topic], number, Record(0, each.timestamp_ms, each.key, each.value, each.headers))


async def draw(folder: Path) -> None:
    """Write the picture."""
    runner = Runner(build_product(Settings()).stages, partition_of=lambda key: partition_of(key, PARTITIONS))
    outputs = [output.value for output in runner.feed(day(wall_ms() - 5_000), most=1) if output.topic in set(READ)]
    # The board last: a board whose reader stands still for ten seconds says so.
    async with chromium() as browser, served() as board:
        for output in outputs:
            board.model.take(output)
        now_ms = wall_ms()
        board.reader.facts = replace(board.reader.facts, sources={each.name: Source(now_ms, 0) for each in SOURCES})
        async with tab(browser, str(board.client.make_url("/")), size=DESK) as desk:
            await desk.until("document.querySelectorAll('#alert-list .row').length > 5")
            await desk.page.screenshot(path=folder / "board.png")


def _behind_ns() -> int:
    """By how much the clock is ahead of this afternoon."""
    end = datetime.fromtimestamp(script.records()[-1].timestamp_ms / 1000, MIDNIGHT.tzinfo)
    now = datetime.now(MIDNIGHT.tzinfo)
    return (now - datetime.combine(now.date(), end.timetz())) // timedelta(microseconds=1) * 1_000


def main() -> None:
    """Draw at the hour at which the day ends."""
    wall_ns, behind_ns = time.time_ns, _behind_ns()
    with patch("time.time_ns", lambda: wall_ns() - behind_ns):
        asyncio.run(draw(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))


if __name__ == "__main__":
    main()

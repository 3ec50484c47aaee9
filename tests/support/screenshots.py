"""Pictures for the README: the board over the sample day, as if the day were ending now. `make screenshots` runs this.

The day goes through all stages in memory, with a tick a minute.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from agents.board.reader import READ, wall_ms
from agents.demo import script
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
        async with tab(browser, str(board.client.make_url("/")), size=DESK) as desk:
            await desk.until("document.querySelectorAll('#alert-list .row').length > 5")
            await desk.page.screenshot(path=folder / "board.png")


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))

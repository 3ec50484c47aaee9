"""Pictures for the README: the board over the sample day, as if the day were ending now. `make screenshots` runs this.

The day goes through all stages in memory, with a tick a minute; forty answers to a questionnaire are put beside it.
"""

import asyncio
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from agents.board.reader import READ, wall_ms
from agents.demo import script
from agents.engine.transactions import partition_of
from agents.product import build_product
from agents.settings import Settings
from pipeline.runner import Incoming, Runner
from schemas import codec
from schemas.codec import Record
from schemas.ticks import Tick
from schemas.topics import FEEDBACK, TICKS, by_name
from tests.support.boards import served
from tests.support.browser import chromium, tab
from tests.support.feedback import MINUTE, NOON_MS, answer

FOLDER = Path("docs/pictures")
PARTITIONS = 4
DESK = (1680, 1180)
ANSWERS = 40
_TIMES = ("occurred_at", "sent_at")


def day(ends_ms: int) -> Iterator[Incoming]:
    """The sample day moved so that it ends at a moment, answers and ticks among it."""
    records = [each for each in script.records() if each.value != script.POISON]
    moved_ms = ends_ms - records[-1].timestamp_ms
    events = [(each.timestamp_ms + moved_ms, each.topic, each.key or b"", _moved(each, moved_ms)) for each in records]
    begins_ms = events[0][0]
    dice = random.Random(7)
    for number in range(ANSWERS):
        at_ms = dice.randrange(begins_ms, ends_ms)
        given = answer(number, "nps", dice.choice([10, 10, 9, 9, 9, 8, 8, 7, 6, 4, 2]), at_ms - NOON_MS)
        events.append((at_ms, FEEDBACK.name, f"customer-{number}".encode(), codec.encode(given)))
    events += [(at_ms, TICKS.name, b"", b"") for at_ms in range(begins_ms - 5 * MINUTE, ends_ms, MINUTE)]
    for at_ms, topic, key, value in sorted(events, key=lambda each: each[0]):
        if topic == TICKS.name:
            tick = codec.encode(Tick(now_ms=at_ms))
            yield from (Incoming(TICKS, each, Record(0, at_ms, b"", tick)) for each in range(PARTITIONS))
        else:
            yield Incoming(by_name[topic], partition_of(key, PARTITIONS), Record(0, at_ms, key, value))


def _moved(record: Any, by_ms: int) -> bytes:
    """A record's body at another time; what its headers say stands in the body as well."""
    body = orjson.loads(record.value)
    return orjson.dumps(body | {name: body[name] + by_ms for name in _TIMES if name in body})


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

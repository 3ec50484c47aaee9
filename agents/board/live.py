"""The beat of the board: what changed goes out four times a second, how old everything is every two seconds."""

import asyncio
import time

from msgspec import Struct

from agents.board.freshness import Facts, Status, judge
from agents.board.hub import Hub
from agents.board.reader import LogReader, wall_ms
from agents.board.readmodel import Changes, ReadModel
from agents.board.views import AlertView, ClockView, IncidentView
from pipeline.places.provinces import REGIONS

BEAT_SECONDS = 0.25
STATUS_SECONDS = 2.0
TILES_SECONDS = 10.0  # spans slide on although nothing happens
FORGET_SECONDS = 60.0
MANY = 500  # of one kind within a beat: a page that loads again is cheaper


class Update(Struct, frozen=True, omit_defaults=True):
    """What changed since the last beat."""

    alerts: list[AlertView] = []
    incidents: list[IncidentView] = []
    clocks: dict[str, tuple[ClockView, ...]] = {}  # all of a ticket
    gone: list[str] = []
    words: list[str] = []  # places whose hot words are to be asked for again
    figures: list[str] = []  # regions whose figures are, or `all`


class Live:
    """Keeps every open page as the picture is."""

    def __init__(self, model: ReadModel, reader: LogReader, hub: Hub) -> None:
        self._model = model
        self._reader = reader
        self._hub = hub
        self._regions: set[str] = set()

    def status(self) -> Status:
        """How things stand now."""
        return judge(self.facts(), now_ms=wall_ms())

    def facts(self) -> Facts:
        """What the reader knows."""
        return self._reader.facts

    async def run(self) -> None:
        """Beat until cancelled."""
        due = dict.fromkeys(("status", "tiles", "forget"), 0.0)
        while True:
            now = time.monotonic()
            if now >= due["forget"]:
                due["forget"] = now + FORGET_SECONDS
                self._model.forget(now_ms=wall_ms())
            self._tell(self._model.drain())
            if now >= due["tiles"]:
                due["tiles"] = now + TILES_SECONDS
                self._regions.update(REGIONS)
            if self._regions and len(self._hub):
                tiles = [self._model.tile(region, now_ms=wall_ms()) for region in sorted(self._regions)]
                self._hub.publish("tiles", tiles)
            self._regions.clear()
            if now >= due["status"]:
                due["status"] = now + STATUS_SECONDS
                self._hub.publish("status", self.status())
            await asyncio.sleep(BEAT_SECONDS)

    def _tell(self, changes: Changes) -> None:
        self._regions |= changes.regions
        if not len(self._hub):
            return
        if max(len(changes.alerts), len(changes.incidents), len(changes.clocks)) > MANY:
            self._hub.publish("reload", {})
            return
        update = Update(
            changes.alerts,
            list(changes.incidents.values()),
            changes.clocks,
            changes.gone,
            sorted(changes.words),
            sorted(changes.figures),
        )
        if update != Update():
            self._hub.publish("update", update)

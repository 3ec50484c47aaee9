"""Back-tests on the board: those that are kept in the folder of `TOCSIN_BOARD__BACKTESTS`, and starting another one."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from agents.backtest.saved import load, saved
from agents.board.access import Identity
from agents.board.answers import found_or_404, json_answer
from agents.board.reader import wall_ms
from agents.board.trials import Busy, Trial, Trials
from pipeline.incidents.roles import Role
from schemas.base import EpochMillis

UPLOAD_BYTES_MAX = 2 * 1024 * 1024  # ten times the shipped pack
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.yaml")
_FILES_MAX = 100


class AskedTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A back-test that somebody wants; times in milliseconds."""

    since: EpochMillis
    until: EpochMillis
    pack: str | None = ""  # a name of the list: "" is that of TOCSIN_RULES_DIR; None is uploaded files alone
    files: Annotated[dict[str, str], Meta(max_length=_FILES_MAX)] = {}  # written over the pack's own of the same name
    recording: str = ""  # a name of the list; "" is Kafka's history


class TrialView(msgspec.Struct, frozen=True):
    """What can be chosen, and the last one that was started here since the board was."""

    may_start: bool
    packs: tuple[str, ...]
    recordings: tuple[str, ...]
    last: Trial | None


_decode_asked = msgspec.json.Decoder(AskedTrial).decode


class BacktestPages:
    """Whoever may see the board may look; operators start and cancel. Files are read anew each time."""

    def __init__(self, folder: Path | None, trials: Trials, who: Callable[[web.Request], Identity]) -> None:
        self._folder = folder
        self._trials = trials
        self._who = who

    def routes(self) -> list[web.RouteDef]:
        """Where they are."""
        return [
            web.get("/api/backtests", self.list),
            web.get("/api/backtests/run", self.running),
            web.post("/api/backtests/run", self.start),
            web.post("/api/backtests/cancel", self.cancel),
            web.get("/api/backtests/{id}", self.show),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """The newest first; none where no folder is set."""
        self._who(request)
        return json_answer([] if self._folder is None else await asyncio.to_thread(saved, self._folder))

    async def show(self, request: web.Request) -> web.Response:
        """One of them."""
        self._who(request)
        found = None
        if self._folder is not None:
            found = await asyncio.to_thread(load, self._folder, request.match_info["id"])
        return found_or_404(found, missing="no such back-test")

    async def running(self, request: web.Request) -> web.Response:
        """What can be started, and how far the last one is."""
        return await self._view(self._who(request))

    async def start(self, request: web.Request) -> web.Response:
        """Start one; its problems are told by `running`."""
        who = self._who(request)
        self._require_starter(who)
        try:
            asked = _decode_asked(await request.clone(client_max_size=UPLOAD_BYTES_MAX).read())
        except ValueError as error:  # msgspec names the field and what was expected, never the value
            raise web.HTTPBadRequest(text=f"{error}\n") from error
        packs, recordings = await asyncio.to_thread(lambda: (self._trials.packs(), self._trials.recordings()))
        problem = _problem(asked, packs=packs, recordings=recordings)
        if problem:
            raise web.HTTPBadRequest(text=f"{problem}\n")
        trial = Trial(
            started_at=wall_ms(),
            started_by=who.name,
            since=asked.since,
            until=asked.until,
            pack=asked.pack,
            uploaded=tuple(sorted(asked.files)),
            recording=asked.recording,
        )
        files = {name: text.encode() for name, text in asked.files.items()}
        base = packs[asked.pack] if asked.pack is not None else None
        try:
            self._trials.start(trial, base=base, files=files, recording=recordings.get(asked.recording))
        except Busy as error:
            raise web.HTTPConflict(text="a back-test is running; cancel it or wait\n") from error
        return await self._view(who, status=202)

    async def cancel(self, request: web.Request) -> web.Response:
        """End the one that runs."""
        who = self._who(request)
        self._require_starter(who)
        self._trials.cancel()
        return await self._view(who)

    def _require_starter(self, who: Identity) -> None:
        if who.role is Role.VIEWER:
            raise web.HTTPForbidden(text=f"{who.role} may not start a back-test\n")
        if not self._trials.can_run:
            raise web.HTTPConflict(text="no folder to keep results in: set TOCSIN_BOARD__BACKTESTS\n")

    async def _view(self, who: Identity, *, status: int = 200) -> web.Response:
        may_start = self._trials.can_run and who.role is not Role.VIEWER
        packs, recordings = await asyncio.to_thread(lambda: (self._trials.packs(), self._trials.recordings()))
        return json_answer(TrialView(may_start, tuple(packs), tuple(recordings), self._trials.last), status=status)


def _problem(asked: AskedTrial, *, packs: dict[str, Path], recordings: dict[str, Path]) -> str:
    """What is wrong with what somebody wants, without repeating it; "" for nothing."""
    if asked.since >= asked.until:
        return "until: expected a moment after `since`"
    if asked.pack is not None and asked.pack not in packs:
        return "pack: expected one of the list"
    if asked.pack is None and not asked.files:
        return "files: expected the files of a pack, or choose a pack"
    if asked.recording and asked.recording not in recordings:
        return "recording: expected one of the list"
    if not all(_FILE_NAME.fullmatch(name) for name in asked.files):
        return "files: expected names such as levels.yaml, of letters, digits, . - and _"
    return ""

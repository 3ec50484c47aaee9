"""Back-tests on the board: those that `tocsin backtest --save` left in the folder of `TOCSIN_BOARD__BACKTESTS`."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from agents.backtest.saved import load, saved
from agents.board.answers import found_or_404, json_answer


class BacktestPages:
    """Lists and shows them to whoever may see the board; files are read anew each time, beside the loop."""

    def __init__(self, folder: Path | None, require_login: Callable[[web.Request], object]) -> None:
        self._folder = folder
        self._require_login = require_login

    async def list(self, request: web.Request) -> web.Response:
        """The newest first; none where no folder is set."""
        self._require_login(request)
        return json_answer([] if self._folder is None else await asyncio.to_thread(saved, self._folder))

    async def show(self, request: web.Request) -> web.Response:
        """One of them."""
        self._require_login(request)
        found = None
        if self._folder is not None:
            found = await asyncio.to_thread(load, self._folder, request.match_info["id"])
        return found_or_404(found, missing="no such back-test")

"""The board as a process: put together, started, and ended by SIGTERM."""

import asyncio
from contextlib import suppress

import structlog
from aiohttp import web

from agents.actions import action_writer
from agents.board.access import Access
from agents.board.hub import Hub
from agents.board.live import Live
from agents.board.natures import natures_by_leaf
from agents.board.past import Past
from agents.board.reader import LogReader
from agents.board.readmodel import ReadModel
from agents.board.server import Parts, application
from agents.board.trials import Trials
from agents.ending import end_on_sigterm
from agents.oidc.provider import Provider
from agents.settings import Settings
from agents.web.address import listen, refuse_public
from pipeline.rules.load import DEFAULT_PACK

log = structlog.get_logger("tocsin.board")


def run(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; raises where no broker answers at the start."""
    refuse_public(settings.board.host)
    access = Access(settings.board)
    with suppress(asyncio.CancelledError):
        asyncio.run(_serve(settings, access))


async def _serve(settings: Settings, access: Access) -> None:
    rules_dir = settings.rules_dir or DEFAULT_PACK
    model, hub = ReadModel(nature_by_leaf=natures_by_leaf(rules_dir)), Hub()
    reader = LogReader(settings, model)
    live = Live(model, reader, hub)
    trials = Trials(settings.board, rules_dir)
    provider = Provider(settings.board.oidc) if settings.board.oidc.is_used else None
    end_on_sigterm()
    async with action_writer(settings) as actions:
        app = application(Parts(settings.board, access, model, live, hub, actions, Past(settings), provider, trials))
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2.0)
        try:
            where = await listen(runner, settings.board.host, settings.board.port, setting="TOCSIN_BOARD__PORT")
            log.info("board_listens", url=where.url, login=not access.is_open)
            async with asyncio.TaskGroup() as group:
                group.create_task(reader.run())
                group.create_task(live.run())
        finally:
            await runner.cleanup()
            if provider is not None:
                await provider.close()

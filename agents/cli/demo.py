"""`tocsin demo`: the whole house on one machine, in one command, worth looking at."""

import asyncio
import os
import shutil
import sys
import threading
from contextlib import ExitStack
from typing import Annotated

import typer
from rich.console import Console

from agents.cli.exits import Exit
from agents.cli.show import console
from agents.demo import script
from agents.demo.processes import (
    ends_like_ctrl_c,
    free_port,
    own_board,
    own_broker,
    own_delivery,
    own_folder,
    own_variables,
    own_worker,
)
from agents.demo.summary import show_summary
from agents.demo.tally import Tally
from agents.demo.tickets import POLICIES, ticket_ids
from agents.demo.voice import opinions
from agents.demo.watch import settle, watch
from agents.settings import Board, Ops, Settings
from agents.topics import ensure_topics


def demo_command(
    seconds: Annotated[float, typer.Option(min=1, help="How long the sample day should take.")] = 75.0,
    end: Annotated[
        bool, typer.Option("--exit", help="End after the summary; exit code 1 when a level was missed.")
    ] = False,
) -> None:
    """Start Kafka, a worker, the board and a sender of cards; replay a sample day, show what comes of it, sum it up.

    It stays until Ctrl-C, which stops everything that it started. Nothing of yours is touched: ports are free ones,
    data are in a temporary folder, TOCSIN_ variables of yours are not used but TOCSIN_CACHE_DIR.
    """
    ends_like_ctrl_c()
    out = console()
    with own_variables(), ExitStack() as stack:
        tally = _run(stack, out, seconds)
        if not end:
            out.print("[dim]Ctrl-C 结束，并停掉以上全部 ends it and stops all of the above[/]", markup=True)
            threading.Event().wait()
    missed = tally.misses(script.levels())
    if missed:
        raise typer.Exit(Exit.PROBLEMS)


def _run(stack: ExitStack, out: Console, seconds: float) -> Tally:
    folder = stack.enter_context(own_folder(Settings.model_fields["data_dir"].default))
    out.print("① 启动 Kafka（首次需下载约 54 MB） starting Kafka, fetched the first time …")
    broker = stack.enter_context(own_broker(folder / "kafka"))
    settings = Settings(
        broker=(broker.bootstrap,),
        application_id="tocsin-demo",
        data_dir=folder,
        ops=Ops(port=free_port()),
        board=Board(port=free_port()),
        sla=str(POLICIES),
    )
    out.print(f"   {broker.bootstrap}")
    plan = asyncio.run(ensure_topics(settings))
    asyncio.run(settle(settings))
    out.print(
        f"② 建好 {len(plan.wanted)} 个主题，启动 worker · {len(plan.wanted)} topics are there, starting a worker …"
    )
    address = stack.enter_context(own_worker(settings, folder / "worker.log"))
    board = stack.enter_context(own_board(settings, folder / "board.log"))
    delivery = stack.enter_context(own_delivery(settings, folder / "deliver.log"))
    out.print(f"   看板 board  {board}    指标 metrics  {address}/metrics  {delivery}/metrics")
    conversations, tickets, answers = len(script.conversations()), len(ticket_ids()), len(opinions())
    out.print(
        f"③ 回放样例日 {conversations} 通对话、{tickets} 张工单、{answers} 份答卷 · replaying a sample day of "
        f"{conversations} conversations, {tickets} tickets and {answers} answers to questionnaires\n"
    )
    tally = asyncio.run(watch(settings, out, seconds=seconds))
    show_summary(out, tally, script.levels())
    out.print(f"\n看板 board  {board}")
    out.print(f"指标 metrics  {address}/metrics    健康 health  {address}/readyz")
    out.print(f"再看一遍 again  TOCSIN_BROKER={broker.bootstrap} {_this_command()} tail alerts --from-start")
    return tally


def _this_command() -> str:
    """How the reader's shell finds us: by name, else by the path that was called."""
    return "tocsin" if shutil.which("tocsin") else os.path.relpath(sys.argv[0])

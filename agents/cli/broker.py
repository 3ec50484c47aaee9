"""`tocsin broker`: a Kafka for people who have none, kept in the cache folder."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agents.broker import Broker, cache_folder
from agents.broker.readiness import answers
from agents.cli.exits import Exit
from agents.cli.show import console, print_json

DEFAULT_PORT = 9092  # where the settings look by default
Json = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]
Folder = Annotated[Path | None, typer.Option(help="Where its data live; default: the cache folder.")]


def up_command(
    port: Annotated[int, typer.Option(help="Where it listens; 0 takes a free port.", min=0, max=65_535)] = DEFAULT_PORT,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Start a real Kafka (fetched the first time, about 54 MB) and wait until it answers."""
    home = _home(folder)
    running = Broker.running(home)
    if running is None:
        with Console(stderr=True).status("正在启动 Kafka … starting"):
            running = Broker.start(home, port=port or None)
    _tell(running, as_json=json)


def down_command(folder: Folder = None, json: Json = False) -> None:
    """Stop the Kafka that `up` started. Its data stay; no other process is ever touched."""
    running = Broker.running(_home(folder))
    if running is not None:
        running.stop()
    if json:
        print_json({"running": False, "stopped": running is not None})
    else:
        console().print("Kafka 已停止 stopped" if running else "没有在运行 none was running")


def status_command(folder: Folder = None, json: Json = False) -> None:
    """Say whether it runs and answers; exit code 3 when it does not."""
    running = Broker.running(_home(folder))
    if running is None or not answers(running.bootstrap):
        if json:
            print_json({"running": running is not None, "answers": False})
        else:
            console().print("没有 Kafka 应答 no Kafka of ours answers; start one: tocsin broker up")
        raise typer.Exit(Exit.UNREACHABLE)
    _tell(running, as_json=json)


def _home(folder: Path | None) -> Path:
    return folder or cache_folder() / "broker"


def _tell(broker: Broker, *, as_json: bool) -> None:
    if as_json:
        facts = {"running": True, "answers": True, "bootstrap": broker.bootstrap}
        print_json({**facts, "pid": broker.pid, "folder": str(broker.folder)})
        return
    console().print(f"Kafka 在 [bold]{broker.bootstrap}[/] 运行 running (pid {broker.pid}, {broker.folder})")
    console().print(f"  export TOCSIN_BROKER={broker.bootstrap}")

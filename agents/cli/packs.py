"""`tocsin rules push` and `status`: a pack through the log to every partition, and what the partitions made of it."""

import asyncio
import getpass
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from agents.cli.exits import Exit
from agents.cli.show import console, print_json
from agents.packs import (
    NothingToReturnTo,
    Standing,
    answers,
    nothing_for,
    pack_of,
    publish,
    read_standing,
    rolled_back,
    with_way_back,
)
from agents.settings import Settings, load_settings
from pipeline.rules.problems import RulePackError
from schemas.rules import RulesPack, RulesState, Slot

Json = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]


def push_command(
    folder: Annotated[Path | None, typer.Argument(help="Folder with the *.yaml files of the pack.")] = None,
    shadow: Annotated[bool, typer.Option("--shadow", help="Let it read along, only counted.")] = False,
    end_shadow: Annotated[bool, typer.Option("--end-shadow", help="Take the shadow pack away.")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back to the pack that was live before.")] = False,
    by: Annotated[str, typer.Option(help="Who pushes; the user of this machine unless given.")] = "",
    note: Annotated[str, typer.Option(help="Why, for whoever asks later.")] = "",
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for every partition's answer.")] = 30.0,
    json: Json = False,
) -> None:
    """Put a rule pack in force on every partition, without a restart. Exit code 1 when it is not taken everywhere."""
    if sum([folder is not None, end_shadow, rollback]) != 1 or (shadow and folder is None):
        raise typer.BadParameter("give a folder (with or without --shadow), or --rollback, or --end-shadow alone")
    at_ms, who = int(time.time() * 1000), (by or _user())[:128]
    settings = load_settings()
    pack: RulesPack | None = None
    if folder is not None:
        try:
            pack = pack_of(folder, Slot.SHADOW if shadow else Slot.LIVE, at_ms=at_ms, by=who, note=note)
        except RulePackError as error:
            for problem in error.problems:
                typer.echo(str(problem))
            raise typer.Exit(Exit.PROBLEMS) from error
    elif end_shadow:
        pack = nothing_for(Slot.SHADOW, at_ms=at_ms, by=who, note=note)
    try:
        sent, told, count = asyncio.run(_push(settings, pack, at_ms=at_ms, by=who, note=note, wait=wait))
    except NothingToReturnTo as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.PROBLEMS) from error
    is_taken = len(told) == count and all(_took(state, sent) for state in told)
    if json:
        print_json({"version": sent.version, "slot": sent.slot, "taken": is_taken, "partitions": count, **_json(told)})
    else:
        _show(told, count)
        for number in sorted(set(range(count)) - {state.partition for state in told}):
            typer.echo(f"分区 {number} 未应答 · partition {number} has not answered: does a worker own it?")
    if wait and not is_taken:
        raise typer.Exit(Exit.PROBLEMS)


async def _push(
    settings: Settings, pack: RulesPack | None, *, at_ms: int, by: str, note: str, wait: float
) -> tuple[RulesPack, list[RulesState], int]:
    standing = await read_standing(settings)
    sent = rolled_back(standing, at_ms=at_ms, by=by, note=note) if pack is None else pack
    await publish(settings, with_way_back(sent, standing), partitions=standing.partitions)
    told = await answers(settings, sent, partitions=standing.partitions, within_seconds=wait) if wait else []
    return sent, told, standing.partitions


def status_command(json: Json = False) -> None:
    """Show which packs each partition goes by. Exit code 1 when they differ, or when one refused a pack."""
    standing = asyncio.run(read_standing(load_settings()))
    told = [standing.states[number] for number in sorted(standing.states)]
    if json:
        print_json({"pushed": _pushed(standing), "partitions": standing.partitions, **_json(told)})
    else:
        out = console()
        for each in _pushed(standing):
            out.print("{slot:<9} {version:<12} {pushed_by} {pushed_at} {note}".format(**each), markup=False)
        if not told:
            out.print("没有推送过规则包，各进程使用自带规则 · nothing was pushed: workers go by their own pack")
        _show(told, standing.partitions)
    if len({(state.live, state.shadow) for state in told}) > 1 or any(state.refused for state in told):
        raise typer.Exit(Exit.PROBLEMS)


def _took(state: RulesState, sent: RulesPack) -> bool:
    if state.refused is not None and state.refused.slot is sent.slot:
        return False
    return not sent.content or sent.version == (state.live if sent.slot is Slot.LIVE else state.shadow)


def _json(told: Sequence[RulesState]) -> dict[str, object]:
    return {"states": [msgspec.to_builtins(state) for state in told]}


def _pushed(standing: Standing) -> list[dict[str, object]]:
    return [
        {
            "slot": pack.slot.value,
            "version": pack.version or "-",
            "pushed_by": pack.pushed_by,
            "pushed_at": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(pack.at / 1000)),
            "note": pack.note,
        }
        for slot in Slot
        if (pack := standing.packs.get(slot)) is not None
    ]


def _show(told: Sequence[RulesState], count: int) -> None:
    out = console()
    for state in told:
        shadow = f"  影子 shadow {state.shadow}" if state.shadow else ""
        out.print(f"分区 partition {state.partition}/{count}  规则 rules {state.live}{shadow}", markup=False)
        if state.refused is not None:
            out.print(f"  拒绝 refused {state.refused.version} ({state.refused.slot}):", markup=False)
            for problem in state.refused.problems:
                out.print(f"    {problem}", markup=False)
        if state.counted is not None:
            differing = {pair: n for pair, n in state.counted.levels.items() if len(set(pair.split("/"))) > 1}
            line = (
                f"  {state.counted.texts} 条文本 texts, {state.counted.failed} 失败 failed, 不同 different: {differing}"
            )
            out.print(line, markup=False)
            for each in state.counted.newest:
                out.print(f"    {each.event_id}: {each.live} → {each.shadow}", markup=False)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user of that number
        return "unknown"

"""`tocsin silence`: not to be told for a while, on purpose; which silences stand, and how they end early."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
import typer

from agents.actions import read_audits, standing_silences
from agents.cli.exits import Exit
from agents.cli.incidents import Actor, Json, Note, made, publish
from agents.cli.show import plainly, print_json
from agents.settings import load_settings
from pipeline.incidents.muting import LABELS, SILENCE_MS_MAX
from pipeline.places.provinces import REGIONS
from schemas.actions import ActionKind, Matcher, Silence
from schemas.audits import ActionAudit

_UNITS = {"m": "minutes", "h": "hours"}
_SHOWN = "%m-%d %H:%M"


def add_command(
    regions: Annotated[list[str], typer.Argument(help="Regions in which it holds, such as 440000; or all.")],
    match: Annotated[list[str], typer.Option(help="label=value; all of them must hold. May be given again.")],
    last: Annotated[str, typer.Option("--for", help="For how long: 30m, 2h; a day at most.")] = "1h",
    begin: Annotated[
        str, typer.Option("--from", help="Local date and time, as 2026-10-01T02:00; now unless given.")
    ] = "",
    actor: Actor = "",
    note: Note = "",
) -> None:
    """Silence what matches for a while. Self-harm is never silenced."""
    matchers = tuple(_matcher(each) for each in match)
    starts_at_ms = _moment_ms(begin) if begin else _now_ms()
    silence = Silence(matchers=matchers, starts_at=starts_at_ms, ends_at=starts_at_ms + _span_ms(last))
    actions = [
        made(ActionKind.SILENCE, region, actor, note=note or None, silence=silence) for region in _regions(regions)
    ]
    publish(actions)
    for each in actions:
        typer.echo(f"{each.action_id}  {each.region}")


def list_command(json: Json = False) -> None:
    """Show the silences that stand, the one that ends first at the top."""
    for audit in _standing():
        if json:
            print_json(msgspec.to_builtins(audit))
        else:
            typer.echo(line_of(audit))


def remove_command(
    silence_id: Annotated[str, typer.Argument(help="As `silence list` shows it, or its beginning.")],
    actor: Actor = "",
    note: Note = "",
) -> None:
    """End a silence before its time."""
    found = [each for each in _standing() if each.action_id.startswith(silence_id)]
    if len(found) != 1:
        typer.echo(f"{len(found)} 个静默 silence(s) begin with {silence_id}", err=True)
        raise typer.Exit(Exit.PROBLEMS)
    region, about = found[0].region, found[0].action_id
    publish([made(ActionKind.UNSILENCE, region, actor, note=note or None, silence_id=about)])


def line_of(audit: ActionAudit) -> str:
    """A silence in one line."""
    silence = audit.silence
    if silence is None:
        return ""
    starts, ends = (time.strftime(_SHOWN, time.localtime(at / 1000)) for at in (silence.starts_at, silence.ends_at))
    matchers = " ".join(f"{each.name}={each.value}" for each in silence.matchers)
    parts = (audit.action_id, audit.region, matchers, f"{starts} 至 until {ends}", audit.actor, audit.note)
    return plainly("  ".join(part for part in parts if part))


def _standing() -> list[ActionAudit]:
    return standing_silences(asyncio.run(read_audits(load_settings())), now_ms=_now_ms())


def _regions(regions: Sequence[str]) -> list[str]:
    wanted = list(REGIONS) if list(regions) == ["all"] else list(regions)
    unknown = [each for each in wanted if each not in REGIONS]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: no region; write a province such as 440000, unknown, or all")
    return wanted


def _matcher(text: str) -> Matcher:
    name, is_there, value = text.partition("=")
    if not is_there or name not in LABELS:
        raise typer.BadParameter(f"{text}: write label=value; labels are {', '.join(LABELS)}")
    return Matcher(name=name, value=value)


def _span_ms(text: str) -> int:
    unit = _UNITS.get(text[-1:])
    if unit is None or not text[:-1].isdecimal():
        raise typer.BadParameter("write the duration as 30m or 2h")
    span_ms = int(timedelta(**{unit: int(text[:-1])}).total_seconds() * 1000)
    if not 0 < span_ms <= SILENCE_MS_MAX:
        raise typer.BadParameter("a silence lasts a day at most")
    return span_ms


def _moment_ms(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError as error:
        raise typer.BadParameter("write the moment as 2026-10-01T02:00") from error


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

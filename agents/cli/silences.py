"""`tocsin silence`: not to be told for a while, on purpose; which silences stand, and how they end early."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
import typer

from agents.actions import StandingSilence, read_audits, standing_silences
from agents.cli.exits import Exit
from agents.cli.incidents import Actor, Json, Note, made, publish
from agents.cli.show import plainly, print_json
from agents.settings import load_settings
from pipeline.incidents.muting import LABELS
from pipeline.incidents.silences import AGREED_MS_MAX, ALONE_MS_MAX
from pipeline.places.provinces import REGIONS
from schemas.actions import Action, ActionKind, Matcher, Silence

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SHOWN = "%m-%d %H:%M"
_DIGITS_MAX = 6  # thirty days are 43,200 minutes; what no calendar can hold is not reckoned at all


def add_command(
    regions: Annotated[list[str], typer.Argument(help="Regions in which it holds, such as 440000; or all.")],
    match: Annotated[list[str], typer.Option(help="label=value; all of them must hold. May be given again.")],
    last: Annotated[str, typer.Option("--for", help="30m, 2h, 3d; more than a day takes a second person.")] = "1h",
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
    if silence.ends_at - silence.starts_at > ALONE_MS_MAX:
        typer.echo("静默一天；更久须另一人同意 a day holds; the rest when another says: silence consent ID", err=True)


def list_command(json: Json = False) -> None:
    """Show the silences that stand, the one that ends first at the top."""
    for each in _standing():
        if json:
            print_json({**msgspec.to_builtins(each.begun), "consented_by": each.standing.consented_by,
                        "holds_until": each.standing.ends_at_ms})  # fmt: skip
        else:
            typer.echo(line_of(each))


def consent_command(
    silence_id: Annotated[str, typer.Argument(help="As `silence list` shows it, or its beginning.")],
    actor: Actor = "",
    note: Note = "",
) -> None:
    """Agree to a silence that is longer than a day; who began it cannot."""
    found = _one(silence_id)
    action = _about(ActionKind.CONSENT, found, actor, note)
    if action.actor == found.standing.author:
        typer.echo(f"须由另一人同意 it takes another than {found.standing.author}", err=True)
        raise typer.Exit(Exit.PROBLEMS)
    publish([action])


def remove_command(
    silence_id: Annotated[str, typer.Argument(help="As `silence list` shows it, or its beginning.")],
    actor: Actor = "",
    note: Note = "",
) -> None:
    """End a silence before its time."""
    publish([_about(ActionKind.UNSILENCE, _one(silence_id), actor, note)])


def line_of(found: StandingSilence) -> str:
    """A silence in one line."""
    begun, standing = found
    silence = standing.silence
    starts, ends, wanted = (
        time.strftime(_SHOWN, time.localtime(at / 1000))
        for at in (silence.starts_at, standing.ends_at_ms, min(silence.ends_at, silence.starts_at + AGREED_MS_MAX))
    )
    agreed = f"{standing.consented_by} 同意 agreed" if standing.consented_by else ""
    if standing.awaits_consent:
        agreed = f"待另一人同意至 awaits consent until {wanted}"
    matchers = " ".join(f"{each.name}={each.value}" for each in silence.matchers)
    parts = (begun.action_id, begun.region, matchers, f"{starts} 至 until {ends}", begun.actor, agreed, begun.note)
    return plainly("  ".join(part for part in parts if part))


def _about(kind: ActionKind, found: StandingSilence, actor: str, note: str) -> Action:
    about = found.standing.silence_id
    return made(kind, found.begun.region, actor, note=note or None, silence_id=about)


def _one(silence_id: str) -> StandingSilence:
    """The silence of that id, or of the only id that begins so."""
    found = [each for each in _standing() if each.standing.silence_id.startswith(silence_id)]
    if len(found) != 1:
        typer.echo(f"{len(found)} 个静默 silence(s) begin with {silence_id}", err=True)
        raise typer.Exit(Exit.PROBLEMS)
    return found[0]


def _standing() -> list[StandingSilence]:
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
    unit, number = _UNITS.get(text[-1:]), text[:-1]
    if unit is None or not number.isdecimal() or len(number) > _DIGITS_MAX:
        raise typer.BadParameter("write the duration as 30m, 2h or 3d")
    span_ms = int(timedelta(**{unit: int(number)}).total_seconds() * 1000)
    if not 0 < span_ms <= AGREED_MS_MAX:
        raise typer.BadParameter("a silence lasts thirty days at most")
    return span_ms


def _moment_ms(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except (ValueError, OverflowError) as error:  # the latter of a year that no clock has
        raise typer.BadParameter("write the moment as 2026-10-01T02:00") from error


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

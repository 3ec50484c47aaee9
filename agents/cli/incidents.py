"""`tocsin incidents` and `tocsin silence`: what is open, who has it, and what to do about it from a terminal."""

import asyncio
import getpass
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Unpack

import msgspec
import typer

from agents.actions import About, action, publish_actions, read_incidents
from agents.cli.exits import Exit
from agents.cli.show import LEVEL_NAMES, print_json
from agents.settings import load_settings
from pipeline.incidents.muting import LABELS, SILENCE_MS_MAX
from pipeline.places.provinces import REGIONS
from schemas.actions import Action, ActionKind, ActionSource, Matcher, Silence, Verdict
from schemas.incidents import Incident, IncidentState

Name = Annotated[str, typer.Argument(help="The incident's id, or its beginning where that is enough.")]
Actor = Annotated[str, typer.Option("--as", help="Who acts; the name of this account unless given.")]
Note = Annotated[str, typer.Option(help="Why; kept with the action.")]
Json = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]
_UNITS = {"m": "minutes", "h": "hours"}


def list_command(
    everything: Annotated[bool, typer.Option("--all", help="Also resolved and closed ones.")] = False,
    json: Json = False,
) -> None:
    """Show open incidents, the one that changed last at the end."""
    incidents = asyncio.run(read_incidents(load_settings()))
    for incident in incidents.values():
        if everything or incident.state in {IncidentState.OPEN, IncidentState.ACKED}:
            if json:
                print_json(msgspec.to_builtins(incident))
            else:
                typer.echo(line_of(incident))


def show_command(incident: Name) -> None:
    """Show everything about one incident, as JSON."""
    print_json(msgspec.to_builtins(_one(incident)))


def ack_command(incident: Name, actor: Actor = "", note: Note = "") -> None:
    """Acknowledge: somebody has it, the chain stands still."""
    _act(ActionKind.ACK, incident, actor, note)


def resolve_command(incident: Name, actor: Actor = "", note: Note = "") -> None:
    """Resolve: it is over, and who was told is told so."""
    _act(ActionKind.RESOLVE, incident, actor, note)


def escalate_command(incident: Name, actor: Actor = "", note: Note = "") -> None:
    """Escalate: the next step of the chain comes now."""
    _act(ActionKind.ESCALATE, incident, actor, note)


def verdict_command(
    incident: Name,
    verdict: Annotated[Verdict, typer.Argument(help="Whether the alert was right.")],
    actor: Actor = "",
    note: Note = "",
) -> None:
    """Say whether the alert was right; it is counted, and nobody is told less because of it."""
    _act(ActionKind.VERDICT, incident, actor, note, verdict=verdict)


def silence_add_command(
    regions: Annotated[list[str], typer.Argument(help="Regions in which it holds, such as 440000; or all.")],
    match: Annotated[list[str], typer.Option(help="label=value; all of them must hold. May be given again.")],
    last: Annotated[str, typer.Option("--for", help="For how long: 30m, 2h; a day at most.")] = "1h",
    actor: Actor = "",
    note: Note = "",
) -> None:
    """Silence what matches for a while. Self-harm is never silenced."""
    matchers = tuple(_matcher(each) for each in match)
    now_ms = time.time_ns() // 1_000_000
    silence = Silence(matchers=matchers, starts_at=now_ms, ends_at=now_ms + _span_ms(last))
    actions = [
        _action(ActionKind.SILENCE, region, actor, note=note or None, silence=silence) for region in _regions(regions)
    ]
    _publish(actions)
    for each in actions:
        typer.echo(f"{each.action_id}  {each.region}")


def silence_end_command(
    silence_id: Annotated[str, typer.Argument(help="As `silence add` printed it.")],
    region: Annotated[str, typer.Argument(help="Its region.")],
    actor: Actor = "",
) -> None:
    """End a silence before its time."""
    _publish([_action(ActionKind.UNSILENCE, region, actor, silence_id=silence_id)])


def line_of(incident: Incident) -> str:
    """One incident in one line."""
    who = f"  {incident.acked_by}" if incident.acked_by else ""
    muted = "  静默" if incident.silenced_by else ("  抑制" if incident.inhibited_by else "")
    drill = "【演练】" if incident.test else ""
    return (
        f"{LEVEL_NAMES[incident.level]}  {incident.state.value:<8}{drill}{incident.title}  {incident.count} 件"
        f"{who}{muted}  {incident.incident_id}"
    )


def _act(kind: ActionKind, name: str, actor: str, note: str, *, verdict: Verdict | None = None) -> None:
    incident = _one(name)
    _publish(
        [
            _action(
                kind, incident.regions[0], actor, incident_id=incident.incident_id, verdict=verdict, note=note or None
            )
        ]
    )
    typer.echo(f"{kind.value}  {incident.incident_id}")


def _one(name: str) -> Incident:
    incidents = asyncio.run(read_incidents(load_settings()))
    found = [each for each in incidents.values() if each.incident_id.startswith(name)]
    exact = [each for each in found if each.incident_id == name]
    if len(exact or found) != 1:
        typer.echo(f"{len(found)} 个事件 incident(s) begin with {name}", err=True)
        raise typer.Exit(Exit.PROBLEMS)
    return (exact or found)[0]


def _action(kind: ActionKind, region: str, actor: str, **about: Unpack[About]) -> Action:
    return action(kind, region=region, actor=actor or getpass.getuser(), source=ActionSource.CLI, **about)


def _publish(actions: Sequence[Action]) -> None:
    asyncio.run(publish_actions(load_settings(), actions))


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

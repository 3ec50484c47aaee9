"""`tocsin incidents`: what is open, who has it, what to do about it from a terminal, and who did what."""

import asyncio
import getpass
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Unpack

import msgspec
import typer

from agents.actions import About, action, publish_actions, read_audits, read_incidents
from agents.cli.exits import Exit
from agents.cli.show import LEVEL_NAMES, plainly, print_json
from agents.settings import load_settings
from schemas.actions import Action, ActionKind, ActionSource, Verdict
from schemas.audits import REFUSED, ActionAudit
from schemas.incidents import Incident, IncidentState

Name = Annotated[str, typer.Argument(help="The incident's id, or its beginning where that is enough.")]
Actor = Annotated[str, typer.Option("--as", help="Who acts; the name of this account unless given.")]
Note = Annotated[str, typer.Option(help="Why; kept with the action.")]
Json = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]


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


def comment_command(
    incident: Name, note: Annotated[str, typer.Argument(help="What to keep with it.")], actor: Actor = ""
) -> None:
    """Say something about an incident; it stands in the audit."""
    _act(ActionKind.COMMENT, incident, actor, note)


def audit_command(
    incident: Annotated[str, typer.Argument(help="An incident's id or its beginning; every action unless given.")] = "",
    json: Json = False,
) -> None:
    """Show who did what, by which way, and what became of it; the oldest first."""
    for audit in asyncio.run(read_audits(load_settings())):
        if audit.incident_id.startswith(incident):
            if json:
                print_json(msgspec.to_builtins(audit))
            else:
                typer.echo(audit_line(audit))


def line_of(incident: Incident) -> str:
    """One incident in one line."""
    who = f"  {incident.acked_by}" if incident.acked_by else ""
    muted = "  静默" if incident.silenced_by else ""
    if incident.inhibited_by:
        muted = f"  抑制 by {incident.inhibited_by}"
    drill = "【演练】" if incident.test else ""
    return (
        f"{LEVEL_NAMES[incident.level]}  {incident.state.value:<8}{drill}{incident.title}  {incident.count} 件"
        f"{who}{muted}  {incident.incident_id}"
    )


def audit_line(audit: ActionAudit) -> str:
    """One action in one line."""
    at = datetime.fromtimestamp(audit.at / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    what = f"{audit.action.value} {audit.verdict.value}" if audit.verdict else audit.action.value
    refused = "拒绝 refused: " if audit.result in REFUSED else ""
    parts = [at, audit.actor, audit.source.value, what, f"{refused}{audit.result.value}", audit.incident_id, audit.note]
    return plainly("  ".join(part for part in parts if part))


def publish(actions: Sequence[Action]) -> None:
    """Write actions and wait until the broker has them."""
    asyncio.run(publish_actions(load_settings(), actions))


def made(kind: ActionKind, region: str, actor: str, **about: Unpack[About]) -> Action:
    """An action of whoever sits at this terminal."""
    return action(kind, region=region, actor=actor or getpass.getuser(), source=ActionSource.CLI, **about)


def _act(kind: ActionKind, name: str, actor: str, note: str, *, verdict: Verdict | None = None) -> None:
    incident = _one(name)
    about = About(incident_id=incident.incident_id, verdict=verdict, note=note or None)
    publish([made(kind, incident.regions[0], actor, **about)])
    typer.echo(f"{kind.value}  {incident.incident_id}")


def _one(name: str) -> Incident:
    incidents = asyncio.run(read_incidents(load_settings()))
    found = [each for each in incidents.values() if each.incident_id.startswith(name)]
    exact = [each for each in found if each.incident_id == name]
    if len(exact or found) != 1:
        typer.echo(f"{len(found)} 个事件 incident(s) begin with {name}", err=True)
        raise typer.Exit(Exit.PROBLEMS)
    return (exact or found)[0]

"""`tocsin explain --dialogues`: how a dialogue came to its level, turn by turn."""

import orjson
import typer
from msgspec import json as msgspec_json
from rich.console import Console
from rich.text import Text

from agents.cli.exits import Exit
from agents.cli.judged import BadLine, Item, outranks, read_line
from agents.cli.marked import marked_text
from agents.cli.show import console, level_text, plainly, print_json
from agents.recording.lines import open_lines
from pipeline.conversation.course import ExplainedTurn, course_of
from pipeline.conversation.lookups import lookups_of_pack
from pipeline.tagging import Tagger
from pipeline.words import ALERT_KINDS
from schemas.vocabulary import Role

_ROLES = {Role.CUSTOMER: "客户 customer", Role.AGENT: "坐席 agent", Role.BOT: "机器人 bot", Role.SYSTEM: "系统 system"}


def explain_dialogues(file: str, tagger: Tagger, *, as_json: bool) -> None:
    """Explain every line; a line that cannot be read is told with its place, and the exit code is 1 at the end."""
    lookups = lookups_of_pack(tagger.pack)
    bad_count = 0
    with open_lines(file) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            item = read_line(line)
            if isinstance(item, BadLine):
                bad_count += 1
                typer.echo(f"{file}:{number}: {item.path}: expected {item.expected}", err=True)
                continue
            turns = course_of(_judged_texts(item, tagger), item.roles, tagger, lookups)
            if as_json:
                print_json({"id": item.id, "turns": orjson.loads(msgspec_json.encode(turns))})
            else:
                _show(console(), item.id, turns)
    if bad_count:
        raise typer.Exit(Exit.PROBLEMS)


def _judged_texts(item: Item, tagger: Tagger) -> list[str]:
    """The texts of a line; for a bare answer the sentence that it stands for, where `tocsin tag` judges it by that."""
    if not item.meant:
        return item.texts
    said, meant = tagger.tag([*item.texts, item.meant], [Role.CUSTOMER] * 2)
    return [item.meant] if outranks(meant, said) else item.texts


def _show(out: Console, name: object, turns: list[ExplainedTurn]) -> None:
    out.print(plainly(f"对话 dialogue {name}"), style="bold", markup=False)
    for turn in turns:
        said = turn.said
        role = Text(f"{turn.number:>3}  {_ROLES[said.role]}  ", style="dim")
        out.print(Text.assemble(role, marked_text(said, is_terminal=out.is_terminal)))
        if said.finding is not None:
            named = [*(sign.rule for sign in said.finding.signs), *said.finding.tags]
            guards = [guard.guard for guard in said.finding.guards]
            _line(out, "所见 shows", ", ".join(named))
            _line(out, "守卫 guards", ", ".join(guards))
        _line(out, "多轮规则 rules", ", ".join(turn.rules))
        out.print(Text.assemble("       → ", level_text(turn.level), f"  {turn.score}"))
        if turn.parts:
            sums = " ".join(f"{part.points:+g} {part.rule}{_at(part.utterance_id)}" for part in turn.parts)
            _line(out, "算式 sum", sums)
        for alert in turn.alerts:
            kind = Text(f"       ▲ {ALERT_KINDS[alert.kind]} ")
            out.print(kind if alert.level is None else Text.assemble(kind, level_text(alert.level)))
    out.print()


def _line(out: Console, name: str, value: str) -> None:
    if value:
        out.print(plainly(f"       {name}  {value}"), style="dim", markup=False)


def _at(utterance_id: str) -> str:
    return f"@{utterance_id}" if utterance_id else ""

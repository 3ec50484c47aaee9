"""How things look in a terminal: levels in colour and shape, evidence marked, JSON where a program reads."""

import sys
from collections.abc import Sequence
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from pipeline.rules.problems import Problem
from schemas.vocabulary import Level

# Shape as well as colour, for the colour-blind and for paper.
LEVEL_NAMES = {
    Level.NONE: "· 无",
    Level.POTENTIAL: "○ 潜在投诉",
    Level.EXPLICIT: "△ 明确投诉",
    Level.HIGH_RISK: "■ 高危投诉",
}
LEVEL_STYLES = {
    Level.NONE: "dim",
    Level.POTENTIAL: "yellow",
    Level.EXPLICIT: "dark_orange",
    Level.HIGH_RISK: "bold red",
}


def console() -> Console:
    """Standard output; wide enough where nobody told the width, so that a pipe does not break lines."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)


def level_text(level: Level | None) -> Text:
    """A level as every page of ours shows it."""
    known = level or Level.NONE
    return Text(LEVEL_NAMES[known], style=LEVEL_STYLES[known])


def plainly(text: str) -> str:
    """What somebody wrote, as one line that a terminal can only show."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def marked(quote: str, start: int, end: int, style: str) -> Text:
    """A quote with its evidence marked; in plain output by brackets, since colour is gone there."""
    if not sys.stdout.isatty():
        return Text(f"{quote[:start]}【{quote[start:end]}】{quote[end:]}" if end > start else quote)
    text = Text(quote)
    text.stylize(f"{style} underline", start, end)
    return text


def print_json(value: Any) -> None:
    """One value as one line of JSON."""
    sys.stdout.write(orjson.dumps(value, default=str).decode() + "\n")
    sys.stdout.flush()


def print_problems(problems: Sequence[Problem], *, as_json: bool) -> None:
    """Everything that is wrong with a checked file or folder, each with its place."""
    if as_json:
        print_json({"ok": False, "problems": [problem._asdict() for problem in problems]})
        return
    for problem in problems:
        typer.echo(str(problem))
    typer.echo(f"{len(problems)} 个问题 problem(s)")


def tell_token(token: str, line: str) -> None:
    """A new token for whoever sits here, its line for the file of tokens; only the line goes to standard output."""
    sys.stderr.write(f"令牌，只显示这一次 · the token, shown this once: {token}\n")
    sys.stdout.write(line + "\n")

"""`tocsin verdicts`: keep the ledger of verdicts; `tocsin labels`: what it proves, and lines to train with."""

import asyncio
import sys
from typing import Annotated

import orjson
import typer

from agents.cli.exits import Exit
from agents.cli.show import print_json
from agents.cli.started import started
from agents.settings import load_settings
from pipeline.verdicts.ledger import precision

Json = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]


def verdicts_command() -> None:
    """Read verdicts as they come, write labels, count how often each rule is right; until SIGTERM or Ctrl-C."""
    settings = started()
    from agents.verdicts.keep import run

    run(settings)
    raise typer.Exit(Exit.OK)


def precision_command(json: Json = False) -> None:
    """Show how often each level and rule was right, with the number of verdicts and the 95 % interval."""
    from agents.verdicts.keep import read_ledger

    ledger = asyncio.run(read_ledger(load_settings()))
    found = {"levels": ledger.levels, "rules": ledger.rules}
    told = {
        part: {name: precision(counts) for name, counts in sorted(counted.items()) if sum(counts.values())}
        for part, counted in found.items()
    }
    if json:
        figures = {
            part: {name: {**each._asdict(), "is_noise": each.is_noise} for name, each in named.items()}
            for part, named in told.items()
        }
        print_json({"alerts": len(ledger), **figures})
        return
    for part in told.values():
        for name, each in part.items():
            mark = "  误报过多，请修改规则 more often wrong: mend it" if each.is_noise else ""
            typer.echo(f"{name:<32} {each.value:.2f} [{each.low:.2f}–{each.high:.2f}]  n={each.judged}{mark}")
    typer.echo(f"{len(ledger)} 条告警有判定 judged alerts")


def export_command() -> None:
    """Write judged texts as lines for `tocsin model train`. Needs TOCSIN_LABELS__TEXT while verdicts come in."""
    from agents.verdicts.export import training_lines
    from agents.verdicts.keep import read_ledger

    ledger = asyncio.run(read_ledger(load_settings()))
    lines = list(training_lines(ledger.labels()))
    for line in lines:
        sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    sys.stderr.write(f"{len(lines)} / {len(ledger)} 条有原文可训练 · judged alerts with a text of their own\n")

"""`tocsin rules check`: read a rule pack as a worker would, and list every problem by file and line."""

from pathlib import Path
from typing import Annotated, Any

import typer

from agents.cli.exits import Exit
from agents.cli.show import console, print_json, print_problems
from pipeline.rules.load import DEFAULT_PACK, load_pack
from pipeline.rules.model import RulePack
from pipeline.rules.problems import RulePackError


def rules_check(
    folder: Annotated[
        Path, typer.Argument(help="Folder with *.yaml files; the shipped pack unless given.")
    ] = DEFAULT_PACK,
    json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Read a rule pack and list every problem by file and line. Exit code 1 when there is one."""
    try:
        pack = load_pack(folder)
    except RulePackError as error:
        print_problems(error.problems, as_json=json)
        raise typer.Exit(Exit.PROBLEMS) from error
    counts = counts_of(pack)
    if json:
        print_json({"ok": True, "version": pack.version, "counts": counts})
        return
    out = console()
    out.print(f"规则包 rule pack {pack.version}: 没有问题 no problems", style="green")
    out.print("  ".join(f"{name} {count}" for name, count in counts.items()), markup=False)


def counts_of(pack: RulePack) -> dict[str, Any]:
    """How much a pack holds."""
    return {
        "cues": sum(len(cue.words) for cue in pack.cues),
        "patterns": len(pack.patterns),
        "threat_words": sum(len(threat.words) for threat in pack.threats),
        "guards": len(pack.guards),
        "traps": sum(len(strings) for strings in pack.traps.values()),
        "reasons": len(pack.reasons),
        "reason_words": sum(len(leaf.words) for leaf in pack.reasons),
        "forbidden": sum(len(group.words) for group in pack.forbidden),
    }

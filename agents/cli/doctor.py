"""`tocsin doctor`: everything that could keep Tocsin from working here, and how each is put right."""

from typing import Annotated

import typer

from agents.cli.exits import Exit
from agents.cli.show import console, print_json
from agents.diagnosis import CHECKS, Finding, Verdict

MARKS = {Verdict.GOOD: ("✓", "green"), Verdict.ODD: ("!", "yellow"), Verdict.BAD: ("✗", "bold red")}


def doctor_command(json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False) -> None:
    """Look at the machine, the installation, the settings, the rules and the broker. Exit code 1 when one is bad."""
    findings: list[Finding] = []
    out = console()
    for check in CHECKS:
        for finding in check():
            findings.append(finding)
            if not json:
                mark, style = MARKS[finding.verdict]
                out.print(f"[{style}]{mark}[/] {finding.what}: ", end="", markup=True)
                out.print(finding.detail, markup=False)
                if finding.fix:
                    out.print(f"    → {finding.fix}", markup=False, style="cyan")
    if json:
        print_json([finding.as_json() for finding in findings])
    bad = sum(1 for finding in findings if finding.verdict is Verdict.BAD)
    if not json:
        out.print("一切正常 all is well" if not bad else f"{bad} 个问题 problem(s)")
    if bad:
        raise typer.Exit(Exit.PROBLEMS)

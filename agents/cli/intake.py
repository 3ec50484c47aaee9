"""`tocsin intake`: receive webhooks, or only look at the file that says from whom."""

from pathlib import Path
from typing import Annotated

import typer

from agents.cli.exits import Exit


def intake_command(
    check: Annotated[bool, typer.Option("--check", help="Read file and secrets, list every problem, and end.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --check: say it as JSON.")] = False,
) -> None:
    """Receive webhooks until SIGTERM or Ctrl-C; what has begun is finished. Sources are in TOCSIN_INTAKE__FILE."""
    from agents.settings import load_settings  # the heavy imports wait until the command line was understood

    settings = load_settings()
    if check:
        _check(settings.intake.file, as_json=json)
        return
    from agents.intake.run import run
    from agents.logs import configure_logs

    configure_logs(settings.log)
    run(settings)
    raise typer.Exit(Exit.OK)


def _check(path: Path | None, *, as_json: bool) -> None:
    from agents.cli.show import console, print_json, print_problems
    from agents.intake.load import load_intake
    from pipeline.intake.translate import topics_of
    from pipeline.intake.written import IntakeError

    try:
        loaded = load_intake(path)
    except IntakeError as error:
        print_problems(error.problems, as_json=as_json)
        raise typer.Exit(Exit.PROBLEMS) from error
    gates = loaded.gates.values()
    told = [
        {
            "name": gate.name,
            "path": gate.source.path,
            "kind": gate.source.kind,
            "topics": sorted(topics_of(gate.source)),
        }
        for gate in gates
    ]
    if as_json:
        print_json({"ok": True, "sources": told})
        return
    out = console()
    out.print(f"接入配置 {len(told)} 个来源：没有问题 · {len(told)} source(s), no problems", style="green")
    for each in told:
        out.print(f"{each['name']}  {each['kind']}  {each['path']} → {', '.join(each['topics'])}", markup=False)

"""`tocsin explain`: why a text has its level, with the evidence marked in it; or a dialogue, turn by turn."""

from typing import Annotated

import msgspec
import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents.cli.advice import show_advice
from agents.cli.dialogues import explain_dialogues
from agents.cli.judging import InquiryLevel, ModelName, RulesFolder, tagger_of
from agents.cli.learned import show_model
from agents.cli.marked import marked_text
from agents.cli.show import LEVEL_STYLES, console, level_text, plainly, print_json
from agents.files.models import BUILTIN
from pipeline.explain import Explanation, explain
from pipeline.rules.load import DEFAULT_PACK
from schemas.vocabulary import Role


def explain_command(
    text: Annotated[str | None, typer.Argument(help="What was said.")] = None,
    dialogues: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Dialogues instead, turn by turn: JSON lines of id and turns, as for tag."),
    ] = None,
    role: Annotated[Role, typer.Option(help="Who said it.")] = Role.CUSTOMER,
    rules: RulesFolder = DEFAULT_PACK,
    model: ModelName = BUILTIN,
    inquiry_level: InquiryLevel = "potential",
    json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Show what fires in a text, which guard spoke, and why not; or how a whole dialogue came to its level."""
    if (text is None) is (dialogues is None):
        raise typer.BadParameter("give one: a text, or --dialogues FILE", param_hint="TEXT")
    tagger = tagger_of(rules, model, inquiry_level)
    if text is None:
        explain_dialogues(dialogues or "-", tagger, as_json=json)
        return
    explanation = explain(tagger, text, role)
    if json:
        print_json(orjson.loads(msgspec.json.encode(explanation)))
        return
    _show(console(), explanation)


def _show(out: Console, explanation: Explanation) -> None:
    out.print(marked_text(explanation, is_terminal=out.is_terminal))
    finding = explanation.finding
    out.print(Text.assemble("等级 level  ", level_text(explanation.level), f"   分数 score {explanation.score}"))
    if explanation.parts:
        sums = " + ".join(f"{part.score}" if part.weight == 1 else f"½·{part.score}" for part in explanation.parts)
        low, high = explanation.band
        out.print(f"算式 sum    {sums}, 限于 kept within {low}–{high}", markup=False)
    if finding is not None and finding.signs:
        table = Table("证据 evidence", "规则 rule", "等级 level", "分 score", box=None, header_style="bold")
        for sign in finding.signs:
            table.add_row(
                Text(plainly(sign.quote[sign.mark_start : sign.mark_end]), style=LEVEL_STYLES[sign.level]),
                Text(sign.rule),
                level_text(sign.level),
                str(sign.score),
            )
        out.print(table)
    if finding is not None:
        _show_lists(
            out,
            {
                "守卫 guards": [guard.guard for guard in finding.guards],
                "高危 threats": list(finding.threats),
                "原因 reasons": list(finding.reasons),
                "标签 tags": list(finding.tags),
                "多轮条件 conditions met": list(explanation.conditions),
            },
        )
    if explanation.advice is not None:
        show_advice(out, explanation.advice)
    for hit in explanation.dropped:
        out.print(Text.assemble("未计 dropped  ", (plainly(hit.word), "bold"), f"  {hit.rule}: ", (hit.why, "cyan")))
    if finding is None:
        out.print("没有任何规则命中 no rule counts here", style="dim")
    if explanation.learned is not None:
        show_model(out, explanation.learned)
    out.print(f"规则包 rules {explanation.rules_version}", style="dim")


def _show_lists(out: Console, lists: dict[str, list[str]]) -> None:
    for name, values in lists.items():
        if values:
            out.print(f"{name}  {', '.join(values)}", markup=False)

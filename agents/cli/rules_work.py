"""`tocsin rules lint`, `diff` and `test`: what is suspicious in a pack, what has changed, whether its examples hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.cli.corpus import read_corpus
from agents.cli.exits import Exit
from agents.cli.folder import pack_in
from agents.cli.pack_places import PackPlaces
from agents.cli.show import console, print_json
from pipeline.conversation.trial import Trial
from pipeline.rules.compare import beyond_one_text, changes, level_changes
from pipeline.rules.lint import remarks_on
from pipeline.rules.load import DEFAULT_PACK
from pipeline.rules.model import RulePack
from schemas.vocabulary import Level

_Folder = Annotated[Path, typer.Argument(help="Folder with *.yaml files; the shipped pack unless given.")]
_Corpus = Annotated[Path | None, typer.Option(help="Texts of your own: one a line, or JSON lines with text.")]
_Json = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]


def rules_lint(
    folder: _Folder = DEFAULT_PACK,
    corpus: _Corpus = None,
    hints: Annotated[bool, typer.Option("--hints", help="Show also what may well be meant.")] = False,
    json: _Json = False,
) -> None:
    """Look for words that hit by accident and rules that never fire. Exit code 1 when there are some."""
    pack = pack_in(folder)
    calm = read_corpus(corpus) if corpus is not None else []
    found = [remark for remark in remarks_on(pack, calm=calm) if hints or not remark.is_hint]
    places = PackPlaces(folder)
    lines = {remark: places.of(remark) for remark in found}
    if json:
        print_json([{**remark._asdict(), "place": lines[remark]} for remark in found])
    else:
        for remark in found:
            word = f"{remark.word} " if remark.word else ""
            typer.echo(f"{lines[remark]}{remark.path}: {word}{remark.what} [{remark.kind}]")
        typer.echo(f"{len(found)} 条意见 remark(s)")
    if any(not remark.is_hint for remark in found):
        raise typer.Exit(Exit.PROBLEMS)


def rules_diff(
    old: Annotated[Path, typer.Argument(help="Folder of the pack before.")],
    new: Annotated[Path, typer.Argument(help="Folder of the pack after.")],
    corpus: _Corpus = None,
    json: _Json = False,
) -> None:
    """Show which words and rules differ, and with a corpus which texts come to another level."""
    before, after = pack_in(old), pack_in(new)
    found = changes(before, after)
    judged = level_changes(before, after, read_corpus(corpus)) if corpus is not None else []
    unjudged = sorted({*beyond_one_text(before), *beyond_one_text(after)}) if corpus is not None else []
    if json:
        print_json(
            {
                "old": before.version,
                "new": after.version,
                "changes": [change._asdict() for change in found],
                "levels": [change._asdict() for change in judged],
                "beyond_one_text": unjudged,
            }
        )
        return
    out = console()
    for change in found:
        out.print(change.path, style="bold", markup=False)
        for sign, values, style in (("-", change.gone, "red"), ("+", change.new, "green")):
            if values:
                out.print(f"  {sign} {', '.join(values)}", style=style, markup=False)
    for each in judged:
        out.print(f"{each.before} -> {each.after}  {each.text}  ({each.rule})", markup=False)
    out.print(f"{before.version} -> {after.version}: {len(found)} 处不同 place(s) differ", markup=False)
    if corpus is not None:
        out.print(f"{len(judged)} 条文本换了等级 text(s) come to another level", markup=False)
    if unjudged:
        out.print(
            f"{len(unjudged)} 条规则不止看一条文本，未作比较 rule(s) look beyond one text and are not compared, "
            "tocsin backtest plays them",
            markup=False,
        )


def rules_test(folder: _Folder = DEFAULT_PACK, json: _Json = False) -> None:
    """Play the examples that stand beside the rules. Exit code 1 when one fails."""
    pack = pack_in(folder)
    failures = list(_failures(pack))
    count = sum(len(rule.examples) for rule in pack.rules)
    if json:
        print_json({"examples": count, "failures": failures})
    else:
        for failure in failures:
            typer.echo(f"{failure['file']}:{failure['line']}: rules.{failure['rule']}: {failure['what']}")
        typer.echo(f"{count} 个例子 example(s), {len(failures)} 个不符 failed")
    if failures:
        raise typer.Exit(Exit.PROBLEMS)


def _failures(pack: RulePack) -> Iterator[dict[str, Any]]:
    trial = Trial(pack)
    for rule in pack.rules:
        for example in rule.examples:
            outcome = trial.run(rule, example)
            wrong = []
            if (rule.id in outcome.fired) is not example.fires:
                others = ", ".join(outcome.fired) or "no rule"
                wrong.append(f"should {'fire' if example.fires else 'not fire'}; fired: {others}")
            if example.level not in {None, outcome.level}:
                wrong.append(f"should come to {example.level}, comes to {outcome.level or Level.NONE}")
            if wrong:
                yield {"file": example.file, "line": example.line, "rule": rule.id, "what": "; ".join(wrong)}

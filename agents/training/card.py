"""The model card: what a model was trained on, how well it does, what it is not for. Nobody's text is in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from agents.training.evaluate import Report
from agents.training.fit import MIN_OF_CLASS, teaches_reasons
from agents.training.labels import Example
from pipeline.learned.model import HARD_SENTENCES, Model
from pipeline.learned.reasons import classes_of
from schemas.vocabulary import Level

ALL = "all"  # the name of the report of all texts together
_LIMITS = """\
- Trained to judge one text of a customer at a time. What only the conversation shows is reckoned elsewhere.
- It gives a level lower confidence where no rule saw it; it never takes back a threat that a rule saw.
- Texts unlike those it was trained on (branch, channel, dialect) are judged worse: label some of yours and evaluate.
- Not for judging people: neither customers nor agents, only what to look at first."""


def card_of(
    model: Model,
    examples: Sequence[Example],
    unlabelled: int,
    reports: Mapping[str, Report],
    held_out: Mapping[str, Report],
) -> str:
    """The card as Markdown; `reports` are those of the cross-validation, `held_out` of texts apart, by part."""
    lines = [
        f"# Model {model.version}",
        "",
        f"A linear model over character n-grams (1 to 4, hashed to {1 << model.bits} buckets),",
        f"and over {len(model.features)} features of what rule pack {model.rules_version} finds.",
        f"Reasons: {len(model.classes)} classes.",
        "",
        "## Trained on",
        f"{len(examples)} labelled texts, {sum(example.practice for example in examples)} of them for practice, which",
        f"count for less and measure nothing. {unlabelled} lines without labels were given; for those that are of no",
        "judged group the rules' own findings stood.",
        *_of_hard(model),
        *_of_unlearned(model, examples),
        "",
        "| source | " + " | ".join(Level) + " | reasons only |",
        "| --- |" + " ---: |" * (len(Level) + 1),
    ]
    counts = Counter((example.source, example.level) for example in examples)
    lines += [
        f"| {source} | " + " | ".join(str(counts[source, level]) for level in (*Level, None)) + " |"
        for source in sorted({example.source for example in examples})
    ]
    if held_out:
        lines += ["", "## Texts held out", "Judged once, by this model; nothing was trained on them. In brackets 95 %."]
    for name, report in held_out.items():
        lines += ["", *_figures(name, report)]
    if reports:
        lines += ["", "## Cross-validation", "By groups, rules and model together; in brackets the 95 % interval."]
    for name, report in reports.items():
        lines += ["", *_figures(name, report)]
    return "\n".join([*lines, "", "## Limits", _LIMITS, ""])


def _of_hard(model: Model) -> list[str]:
    count = model.about.get(HARD_SENTENCES, 0)
    return [f"{count} sentences written for it showed what high risk is and what only looks like it."] if count else []


def unlearned(model: Model, examples: Sequence[Example]) -> list[str]:
    """The reasons of these labels that the model has no class for: too few texts have them, or too few have not."""
    classes = classes_of(reason for example in examples if teaches_reasons(example) for reason in example.reasons)
    return [label for label, leaves in classes.items() if leaves not in model.classes]


def _of_unlearned(model: Model, examples: Sequence[Example]) -> list[str]:
    labels = unlearned(model, examples)
    return (
        [f"Not learned, as fewer than {MIN_OF_CLASS} texts have it or have it not: {', '.join(labels)}."]
        if labels
        else []
    )


def _figures(name: str, report: Report) -> list[str]:
    def shown(interval: Any) -> str:
        return f"{interval.value:.2f} [{interval.low:.2f}–{interval.high:.2f}]"

    lines = [
        f"### {name}: {report.text_count} texts",
        f"Macro-F1 {shown(report.macro)}, rules alone {shown(report.rules_macro)};",
        f"reasons micro-F1 {shown(report.reasons)};",
        "calibration error " + ", ".join(f"{each.ece:.3f}" for each in report.calibration) + ".",
        "",
        "| level | texts | precision | recall | F1 |",
        "| --- | ---: | --- | --- | --- |",
    ]
    lines += [
        f"| {row.level} | {row.support} | {shown(row.precision)} | {shown(row.recall)} | {shown(row.f1)} |"
        for row in report.levels
    ]
    if name == ALL:
        lines += ["", "| reason | texts | precision | recall |", "| --- | ---: | --- | --- |"]
        lines += [
            f"| {row.reason} | {row.support} | {row.precision:.2f} | {row.recall:.2f} |" for row in report.each_reason
        ]
    return lines

"""Figures of an evaluation and the insides of a model, as lines for a terminal or as JSON."""

from typing import TYPE_CHECKING, Any

from agents.cli.show import plainly
from pipeline.learned.model import QUESTIONS, Model, probability
from pipeline.text.redact import redact
from schemas.vocabulary import Level

if TYPE_CHECKING:
    from agents.training.evaluate import Report
    from agents.training.judged import Judged
    from pipeline.learned.reader import Reader

_HEAVIEST = 12
_LEVELS = list(Level)


def report_as_lines(name: str, report: "Report") -> list[str]:
    """One part of the evaluation."""
    macro, alone = report.macro, report.rules_macro
    lines = [
        "",
        f"== {plainly(name)}: {report.text_count}",
        f"macro-F1 {macro.value:.3f} [{macro.low:.3f}–{macro.high:.3f}]   规则 rules alone {alone.value:.3f}",
        f"原因 reasons micro-F1 {report.reasons.value:.3f} [{report.reasons.low:.3f}–{report.reasons.high:.3f}]",
    ]
    lines += [
        f"  {row.level:<10} n={row.support:<5} "
        f"P {row.precision.value:.2f} [{row.precision.low:.2f}–{row.precision.high:.2f}]  "
        f"R {row.recall.value:.2f} [{row.recall.low:.2f}–{row.recall.high:.2f}]  F1 {row.f1.value:.2f}"
        for row in report.levels
    ]
    lines += [
        f"  {row.reason:<20} n={row.support:<5} P {row.precision:.2f}  R {row.recall:.2f}" for row in report.each_reason
    ]
    for level, table in zip(QUESTIONS, report.calibration, strict=True):
        bins = "  ".join(f"{each.predicted:.2f}→{each.observed:.2f} ({each.text_count})" for each in table.bins)
        lines.append(f"  校准 calibration ≥{level}: ECE {table.ece:.3f}  {bins}")
    return lines


def report_as_json(report: "Report") -> dict[str, Any]:
    """The same for a program."""
    return {
        "count": report.text_count,
        "macro_f1": report.macro._asdict(),
        "rules_macro_f1": report.rules_macro._asdict(),
        "reasons_micro_f1": report.reasons._asdict(),
        "reasons": [row._asdict() for row in report.each_reason],
        "levels": {
            row.level.value: {
                "support": row.support,
                **{name: getattr(row, name)._asdict() for name in row._fields[2:]},
            }
            for row in report.levels
        },
        "calibration": {
            level.value: {"ece": table.ece, "bins": [each._asdict() for each in table.bins]}
            for level, table in zip(QUESTIONS, report.calibration, strict=True)
        },
    }


def mistakes_as_lines(judged: "Judged", count: int, *, show_text: bool) -> list[str]:
    """The worst mistakes by id; texts only where asked for, and masked."""
    from agents.training.evaluate import worst_mistakes

    lines = ["", f"最严重的误判 the worst mistakes (of {int((judged.labels != judged.given).sum())})"]
    for place in worst_mistakes(judged, count):
        example = judged.examples[place]
        label, given = _LEVELS[judged.labels[place]], _LEVELS[judged.given[place]]
        text = "  " + redact(example.text).text[:200] if show_text else ""
        probability_shown = f"p={judged.probabilities[0, place]:.2f}"
        lines.append(plainly(f"  {example.id}  {label} → {given}  {probability_shown}  {example.source}{text}"))
    return lines


def model_as_lines(model: Model) -> list[str]:
    """What a model is, and which findings move each question most."""
    lines = [
        f"模型 model {model.version}   规则 rules {model.rules_version or '?'}",
        f"  buckets {1 << model.bits}   features {len(model.features)}",
        *(plainly(f"  {name}: {value}") for name, value in sorted(model.about.items())),
        "  reasons: " + ", ".join("/".join(leaves) or "other" for leaves in model.classes),
    ]
    names = sorted(model.features, key=model.features.__getitem__)
    for number, level in enumerate(QUESTIONS):
        weights = model.level_features[:, number]
        heaviest = sorted(range(len(names)), key=lambda place: -abs(weights[place]))[:_HEAVIEST]
        used = int((model.levels[number] != 0).sum())
        lines.append(f"≥{level}: 阈值 from {probability(float(model.thresholds[number])):.0%}, n-grams {used}")
        lines += [f"    {weights[place]:+.2f}  {names[place]}" for place in heaviest]
    if model.reader is not None:
        lines += _reader_as_lines(model.reader)
    return lines


def _reader_as_lines(reader: "Reader") -> list[str]:
    """How far a reader is followed."""
    about = reader.about
    shares = ", ".join(f"≥{level} {share:.0%}" for level, share in zip(QUESTIONS, about.level_shares, strict=True))
    return [
        f"精读 reader {reader.version}   采信 followed: {shares}, 原因 reasons {about.reason_share:.0%}",
        *(f"  {name}: {value}" for name, value in sorted(about.card.items())),
    ]

"""`tocsin model train|reader|evaluate|inspect`: a company's own model from its own labelled lines."""

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli.exits import Exit
from agents.cli.show import print_json
from agents.cli.taught import judged_examples, prepared, taught_examples
from agents.files.models import BUILTIN, load_model
from pipeline.errors import TocsinError
from pipeline.learned.archive import read_model
from pipeline.learned.reader import open_reader
from pipeline.rules.load import DEFAULT_PACK, load_pack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agents.training.evaluate import Report, Teach
    from agents.training.fit import Fit
    from agents.training.judged import Judged
    from agents.training.labels import Example
    from pipeline.learned.model import Model
    from pipeline.rules.model import RulePack

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Labelled texts, JSON lines.")]
Unlabelled = Annotated[list[Path] | None, typer.Option(help="Texts without labels: the rules' findings stand in.")]
Practice = Annotated[
    list[Path] | None,
    typer.Option(
        help="Labelled texts that count for less and are never judged; without a level they teach reasons only."
    ),
]
Hard = Annotated[
    list[Path] | None,
    typer.Option(help="Sentences written to show what high risk is and what only looks like it, with their level."),
]
Rules = Annotated[Path, typer.Option(help="Folder of the rule pack that the model is to work beside.")]

Base = Annotated[Path | None, typer.Option(help="The pretrained encoder to teach readers from: a jar or zip.")]

_PARTS = 1000  # of a progress bar
_FEW = 40  # texts of a source or channel below which figures of their own would say nothing


class TrainingUnavailableError(TocsinError):
    """Training needs a library that a worker does not."""


def _require_training() -> None:
    try:
        importlib.import_module("sklearn")
    except ImportError as error:
        raise TrainingUnavailableError(
            "training needs scikit-learn: pip install --require-hashes -r requirements/train.txt, or tocsin[train]"
        ) from error


def train_command(
    files: Files,
    out: Annotated[Path, typer.Option(help="The model's file, *.npz; its card is written beside it as *.md.")],
    unlabelled: Unlabelled = None,
    practice: Practice = None,
    hard: Hard = None,
    rules: Rules = DEFAULT_PACK,
    evaluation: Annotated[
        bool, typer.Option("--evaluate/--no-evaluate", help="Cross-validate as well, and put the figures on the card.")
    ] = True,
    held_out: Annotated[
        list[Path] | None, typer.Option(help="Labelled texts that are not trained on: the card shows how they fare.")
    ] = None,
) -> None:
    """Train a model on labelled texts and write it with its card. The same files give the same model."""
    _require_training()
    from agents.training.card import card_of, unlearned
    from agents.training.outputs import require_output, write_outputs

    card = out.with_suffix(".md")
    require_output(out, ".npz", card)
    pack = load_pack(rules)
    apart = judged_examples(held_out, pack) if held_out else []
    examples, others, fit = prepared(files, unlabelled, practice, hard, pack, held_out=apart)
    reports = _reports(_judged(fit, pack)) if evaluation else {}
    data = fit.model(card={"rules_version": pack.version, "texts": len(examples), "unlabelled": len(others)})
    model = read_model(str(out), data)
    fresh = _reports(_judged_by(model, apart, pack)) if apart else {}
    write_outputs({out: data, card: card_of(model, examples, len(others), reports, fresh).encode()})
    if rare := unlearned(model, examples):
        typer.echo(f"未学 not learned, too few texts have it or have it not: {', '.join(rare)}", err=True)
    typer.echo(f"模型 model {model.version}: {out}, {card}")


def reader_command(
    files: Files,
    base: Annotated[
        Path, typer.Option(help="The pretrained encoder to teach it from: a jar or zip with an ONNX graph.")
    ],
    out: Annotated[Path, typer.Option(help="The reader's file, *.onnx.")],
    practice: Practice = None,
    rules: Rules = DEFAULT_PACK,
) -> None:
    """Teach a reader to work beside a model: a small transformer that reads again what may be a complaint."""
    _require_training()
    from agents.training.outputs import require_output, write_outputs

    require_output(out, ".onnx")
    pack = load_pack(rules)
    examples = taught_examples(files, practice, pack)
    teach = _reader_bytes(base)
    data = teach(examples)
    reader = open_reader(str(out), data)
    write_outputs({out: data})
    typer.echo(f"精读模型 reader {reader.version}: {out}")


def evaluate_command(
    files: Files,
    *,
    unlabelled: Unlabelled = None,
    practice: Practice = None,
    hard: Hard = None,
    rules: Rules = DEFAULT_PACK,
    model: Annotated[
        str | None,
        typer.Option(help="Judge with this model, a file or builtin, that never saw the texts."),
    ] = None,
    reader_base: Base = None,
    mistakes: Annotated[int, typer.Option(help="How many of the worst mistakes are listed.")] = 30,
    show_text: Annotated[bool, typer.Option("--show-text", help="Show the texts of mistakes, masked.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Cross-validate rules and model together on labelled texts; no group stands in two folds."""
    _require_training()
    pack = load_pack(rules)
    if model is None:
        judged = _judged(prepared(files, unlabelled, practice, hard, pack)[2], pack, reader_base)
    else:
        judged = _judged_by(_loaded(model), judged_examples(files, pack), pack)
    reports = _reports(judged)
    from agents.cli.figures import mistakes_as_lines, report_as_json, report_as_lines

    if json:
        print_json({name: report_as_json(report) for name, report in reports.items()})
        return
    for name, report in reports.items():
        typer.echo("\n".join(report_as_lines(name, report)))
    typer.echo("\n".join(mistakes_as_lines(judged, mistakes, show_text=show_text)))


def inspect_command(
    model: Annotated[
        str, typer.Argument(metavar="FILE|builtin", help="A model; with +reader behind it, the two.")
    ] = BUILTIN,
) -> None:
    """Say what a model is: version, size, thresholds, reasons, and which findings of the rules weigh most in it."""
    from agents.cli.figures import model_as_lines

    typer.echo("\n".join(model_as_lines(_loaded(model))))


def _loaded(name: str) -> "Model":
    model = load_model(name)
    if model is None:
        typer.echo(f"tocsin: {name}: 没有模型 no model; give a file or {BUILTIN}", err=True)
        raise typer.Exit(Exit.USAGE)
    return model


def _judged(fit: "Fit", pack: "RulePack", reader_base: Path | None = None) -> "Judged":
    from agents.training.evaluate import cross_validate

    return cross_validate(fit, pack, teach_reader=_teach(reader_base) if reader_base else None)


def _teach(base: Path) -> "Teach":
    teach = _reader_bytes(base)
    return lambda examples: open_reader("fold", teach(examples))


def _reader_bytes(path: Path) -> "Callable[[Sequence[Example]], bytes]":
    """Teaches readers from the encoder in a file, and shows how far it is."""
    try:
        from agents.training.reader import taught_reader
        from agents.training.reader_base import read_base
    except ImportError as error:
        raise TrainingUnavailableError(f"teaching a reader needs tocsin[reader-train]: {error}") from error
    base = read_base(path)

    def teach(examples: "Sequence[Example]") -> bytes:
        with typer.progressbar(length=_PARTS, label="教学 teaching", file=sys.stderr) as bar:
            return taught_reader(base, examples, lambda step, count: bar.update(step * _PARTS // count - bar.pos))

    return teach


def _judged_by(model: "Model", examples: "list[Example]", pack: "RulePack") -> "Judged":
    from agents.training.judged import judge

    return judge(examples, model, pack)


def _reports(judged: "Judged") -> "dict[str, Report]":
    """All, then each source and each channel that has enough texts."""
    from agents.training.card import ALL
    from agents.training.evaluate import report_of

    reports = {ALL: report_of(judged)}
    for name in ("source", "channel"):
        values = [getattr(example, name) for example in judged.examples]
        for value in sorted(set(values)):
            if value and _FEW <= values.count(value) < len(values):
                reports[f"{name} {value}"] = report_of(judged.where([each == value for each in values]))
    return reports

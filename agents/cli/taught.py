"""The files that a model is taught and judged by: read, and refused where its figures would be too good or none."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agents.cli.show import plainly
from schemas.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.training.fit import Fit
    from agents.training.labels import Example
    from pipeline.rules.model import RulePack


def prepared(
    files: list[Path],
    unlabelled: list[Path] | None,
    practice: list[Path] | None,
    hard: list[Path] | None,
    pack: "RulePack",
    *,
    held_out: "Sequence[Example]" = (),
) -> "tuple[list[Example], list[Example], Fit]":
    """What is trained on, the texts without labels beside it, and all of it made ready for a fit."""
    from agents.training.evaluate import prepare
    from agents.training.labels import joined

    examples = taught_examples(files, practice, pack)
    _require_groups(joined(examples))
    others = _examples_in(unlabelled or [], pack, is_labelled=False)
    sentences = _examples_in(hard or [], pack)
    _refuse_known(sentences, examples, "hard sentence")
    sentences = _apart(sentences, examples, "--hard")
    _refuse_known(held_out, [*examples, *sentences], "held out")
    _refuse_same(held_out, [*examples, *sentences])
    return examples, others, prepare(examples, others, pack, sentences, held_out)


def taught_examples(files: list[Path], practice: list[Path] | None, pack: "RulePack") -> "list[Example]":
    """All that is trained on: every level is to be among those that are judged."""
    examples = _examples_in(files, pack)
    exercises = _examples_in(practice or [], pack, is_practice=True)
    _refuse_known(exercises, examples, "practice")
    missing = [str(level) for level in {*Level} - {example.level for example in examples}]
    _refuse([f"{files[0]}: no text is labelled {level}" for level in sorted(missing)])
    return examples + _apart(exercises, examples, "--practice")


def judged_examples(files: list[Path], pack: "RulePack") -> "list[Example]":
    """Texts for a finished model to judge: without any there are no figures."""
    examples = _examples_in(files, pack)
    if not examples:
        _refuse([f"{file}: expected labelled texts, found none" for file in files])
    return examples


def _require_groups(examples: "list[Example]") -> None:
    """No text is judged by a model that saw its group, so a level of one group could not be judged at all."""
    groups: dict[str, set[str]] = {}
    for example in examples:
        if example.level is not None and not example.practice:
            groups.setdefault(example.level, set()).add(example.group)
    problems = [
        f"{level}: all texts of this level are of one group, {next(iter(names))}; expected at least two groups"
        for level, names in sorted(groups.items())
        if len(names) == 1
    ]
    _refuse(problems)


def _examples_in(
    files: list[Path], pack: "RulePack", *, is_labelled: bool = True, is_practice: bool = False
) -> "list[Example]":
    from agents.training.labels import read_labels

    leaves = {leaf.id for leaf in pack.reasons}
    return read_labels(files, leaves=leaves, is_labelled=is_labelled, is_practice=is_practice)


def _apart(examples: "list[Example]", taught: "list[Example]", option: str) -> "list[Example]":
    """Without the texts that are judged: a model that was taught one by way of an option would know its answer."""
    from agents.training.labels import unlike

    kept = unlike(examples, [example for example in taught if not example.practice])
    if count := len(examples) - len(kept):
        typer.echo(f"未用 {count} left out of {option}: word for word a text that is judged", err=True)
    return kept


def _refuse_known(examples: "Sequence[Example]", others: "list[Example]", purpose: str) -> None:
    """Texts of one group are alike: figures of what was trained on would be too good."""
    groups = {example.group for example in others}
    problems = [
        f"{example.id}: {purpose}, but of a group in another file" for example in examples if example.group in groups
    ]
    _refuse(problems)


def _refuse_same(held_out: "Sequence[Example]", taught: "list[Example]") -> None:
    """A text that is taught under another id is no text held out."""
    names = {example.text.strip(): example.id for example in reversed(taught)}
    problems = [
        f"{example.id}: held out, but word for word {names[text]} of a file that is trained on; leave one out"
        for example in held_out
        if (text := example.text.strip()) in names
    ]
    _refuse(problems)


def _refuse(problems: list[str]) -> None:
    from agents.training.labels import LabelsError

    if problems:
        raise LabelsError([plainly(problem) for problem in problems])

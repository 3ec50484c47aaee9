"""Labelled texts as JSON lines: what a line may hold, and everything that is wrong with a file, all at once."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from pipeline.errors import TocsinError
from pipeline.learned.reasons import LABEL_OF_LEAF, LEAVES_OF_LABEL
from schemas.vocabulary import Level, Role

_LEVELS = {**{level.value: level for level in Level}, "high": Level.HIGH_RISK}
_ROLES = {role.value: role for role in Role}
_SHOWN = 50  # problems; a file that is wrong throughout is not listed line by line


class LabelsError(TocsinError):
    """Lines of a labelled file cannot be used; the text lists file, line, field and what was expected."""

    def __init__(self, problems: list[str]) -> None:
        more = [f"and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
        super().__init__("\n".join([*problems[:_SHOWN], *more]))
        self.problems = problems


class Example(NamedTuple):
    """One text; `level` is None where nobody labelled it. Texts of one `group` never stand in two folds.

    Those for `practice` measure nothing and count for less: texts that were picked or written for training are easier
    than life, and have not its share of complaints. Without a level they teach reasons only.
    """

    id: str
    text: str
    role: Role
    level: Level | None
    reasons: tuple[str, ...]
    source: str
    channel: str
    group: str
    practice: bool = False

    @property
    def named(self) -> frozenset[str]:
        """Its reasons, and the coarse label of each that is a leaf."""
        return frozenset(self.reasons) | {LABEL_OF_LEAF[reason] for reason in self.reasons if reason in LABEL_OF_LEAF}


def read_labels(
    files: Iterable[Path], *, leaves: Collection[str], is_labelled: bool = True, is_practice: bool = False
) -> list[Example]:
    """Every example of these files; raises one LabelsError with all problems, or OSError where one cannot be read."""
    examples: list[Example] = []
    problems: list[str] = []
    seen: dict[str, str] = {}
    for file in files:
        for number, line in enumerate(file.read_bytes().splitlines(), start=1):
            if not line.strip():
                continue
            place = f"{file}:{number}"
            try:
                value = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                problems.append(f"{place}: $: expected one JSON object: {error}")
                continue
            found = _problems(value, leaves, is_labelled=is_labelled, is_practice=is_practice)
            if not found and value["id"] in seen:
                found = [f"$.id: is also that of {seen[value['id']]}"]
            problems += [f"{place}: {problem}" for problem in found]
            if not found:
                seen[value["id"]] = place
                examples.append(_example(value, file.stem)._replace(practice=is_practice))
    if problems:
        raise LabelsError(problems)
    return examples


def joined(examples: Sequence[Example]) -> list[Example]:
    """The examples with one group for all that share a text word for word, and for all of the groups of those.

    Else a model would be judged by texts that it was taught under another id. Practice is judged by nobody and joins
    nothing.
    """
    parents: dict[str, str] = {}
    first_of_text: dict[str, str] = {}
    for example in examples:
        if not example.practice:
            group = _root(parents, example.group)
            first = _root(parents, first_of_text.setdefault(example.text.strip(), group))
            if first != group:
                parents[group] = first
    return [
        example if example.practice else example._replace(group=_root(parents, example.group)) for example in examples
    ]


def _root(parents: dict[str, str], group: str) -> str:
    while group in parents:
        group = parents[group]
    return group


def unlike(examples: Sequence[Example], judged: Iterable[Example]) -> list[Example]:
    """The examples whose text is none of those that are judged."""
    texts = {example.text.strip() for example in judged}
    return [example for example in examples if example.text.strip() not in texts]


def _problems(value: Any, leaves: Collection[str], *, is_labelled: bool, is_practice: bool) -> list[str]:
    if not isinstance(value, dict):
        return ["$: expected an object with id, text and level"]
    problems = [
        f"$.{field}: expected a text"
        for field in ("id", "text")
        if not isinstance(value.get(field), str) or not value[field].strip()
    ]
    problems += [
        f"$.{field}: expected a text"
        for field in ("source", "channel", "group", "context", "note")
        if value.get(field) is not None and not isinstance(value[field], str)
    ]
    if not _is_one_of(value.get("role", "customer"), _ROLES):
        problems.append("$.role: expected one of " + ", ".join(_ROLES))
    may_lack_level = not is_labelled or (is_practice and value.get("reasons"))
    if not (may_lack_level and value.get("level") is None) and not _is_one_of(value.get("level"), _LEVELS):
        problems.append("$.level: expected one of " + ", ".join(_LEVELS))
    reasons = value.get("reasons") or []
    if not isinstance(reasons, list):
        return [*problems, "$.reasons: expected a list"]
    return problems + [
        f"$.reasons[{place}]: expected a leaf of the rule pack or one of {', '.join(LEAVES_OF_LABEL)}"
        for place, reason in enumerate(reasons)
        if not _is_one_of(reason, LEAVES_OF_LABEL) and not _is_one_of(reason, leaves)
    ]


def _is_one_of(value: Any, known: Collection[str]) -> bool:
    return isinstance(value, str) and value in known


def _example(value: dict[str, Any], stem: str) -> Example:
    name = value["id"]
    level = value.get("level")
    return Example(
        id=name,
        text=value["text"],
        role=_ROLES[value.get("role") or "customer"],
        level=_LEVELS[level] if level is not None else None,
        reasons=tuple(dict.fromkeys(value.get("reasons") or ())),
        source=value.get("source") or stem,
        channel=value.get("channel") or "",
        group=value.get("group") or name.partition("#")[0],
    )

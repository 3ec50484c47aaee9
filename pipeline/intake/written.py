"""`intake.yaml` read: bytes in; the description out, or one error with every problem by file and line.

The reading of YAML is that of the rule pack: no aliases, no depth, nothing constructed. Values that were written are in
no message: a secret that somebody wrote here by mistake must not end in a log.
"""

import difflib
import re
from collections.abc import Iterable
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.errors import TocsinError
from pipeline.intake import description
from pipeline.intake.description import Intake, Section
from pipeline.intake.fitting import Where, objections
from pipeline.rules.document import read_document
from pipeline.rules.problems import Problem

_TAG = "tag:yaml.org,2002:"
_PLAIN = {f"{_TAG}{kind}" for kind in ("int", "float", "bool", "null")}
# As JSON writes them. YAML 1.1 would also make a number of the area code 0571 and of 8:30, and false of no (Norwegian).
_AS_JSON = {f"{_TAG}int": re.compile("-?(0|[1-9][0-9]*)"), f"{_TAG}bool": re.compile("(?i:true|false)")}


class IntakeError(TocsinError):
    """An intake file that cannot be used; `problems` holds all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read_intake(file: str, data: bytes) -> Intake:
    """The description in a file; raises IntakeError."""
    node, problems = read_document(file, data)
    if node is None:
        raise IntakeError(problems)
    values = _value(node, file, "", problems)
    if problems:
        raise IntakeError(problems)
    try:
        intake = Intake.model_validate(values)
    except ValidationError as error:
        raise IntakeError(_problem(file, node, each["loc"], _said(dict(each))) for each in error.errors()) from None
    problems = [_problem(file, node, where, what) for where, what in objections(intake)]
    if problems:
        raise IntakeError(problems)
    return intake


def problem_at(file: str, data: bytes, where: Where, what: str) -> Problem:
    """A problem that only the machine shows, such as a secret that is not there, with its line."""
    node, _ = read_document(file, data)
    return Problem(file, 0, _dotted(where), what) if node is None else _problem(file, node, where, what)


def _value(node: yaml.Node, file: str, path: str, problems: list[Problem]) -> Any:
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            inner = f"{path}.{name}" if path else name
            if not isinstance(key, yaml.ScalarNode):
                problems.append(Problem(file, key.start_mark.line + 1, path, "has a key that is no plain text"))
            elif name in found:
                problems.append(Problem(file, key.start_mark.line + 1, inner, "stands here twice; remove one"))
            found[name] = _value(value, file, inner, problems)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, file, f"{path}[{index}]", problems) for index, each in enumerate(node.value)]
    if node.tag not in _PLAIN or (node.tag in _AS_JSON and not _AS_JSON[node.tag].fullmatch(node.value)):
        return node.value
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    except (ValueError, OverflowError, yaml.YAMLError):
        problems.append(Problem(file, node.start_mark.line + 1, path, "is no number; write it as text, in quotes"))
        return None


def _problem(file: str, node: yaml.Node, where: Where, what: str) -> Problem:
    """The problem at the line of the innermost part of `where` that stands in the file."""
    line = node.start_mark.line + 1
    path: list[str | int] = []
    for step in where:
        if isinstance(node, yaml.MappingNode) and isinstance(step, str):
            entry = next(((key, value) for key, value in node.value if key.value == step), None)
            if entry is not None:
                line, node = entry[0].start_mark.line + 1, entry[1]
            elif step is not where[-1] or what != _MISSING:
                continue  # pydantic names the branch of a union, too
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            continue
        path.append(step)
    return Problem(file, line, _dotted(path), what)


_MISSING = "is missing"


def _said(error: dict[str, Any]) -> str:
    if error["type"] == "missing":
        return _MISSING
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][-1])
        near = difflib.get_close_matches(name, _known(), n=1)
        return "is not known here" + (f"; did you mean {near[0]}?" if near else "")
    return str(error["msg"]).removeprefix("Value error, ")


def _known() -> list[str]:
    """Every key that stands somewhere in a description."""
    sections = [each for each in vars(description).values() if isinstance(each, type) and issubclass(each, Section)]
    return sorted({name for section in sections for name in _names(section)})


def _names(section: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in section.model_fields.items()}


def _dotted(where: Iterable[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return text.removeprefix(".")

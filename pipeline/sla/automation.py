"""Actions, task forces and templates out of the sections of a file, and what only shows when they are seen together."""

import re
from collections.abc import Mapping
from typing import Any

from pipeline.rules.problems import Problem
from pipeline.sla.actions import Action, Automation, Do, TaskForce, Template, Trigger
from pipeline.sla.checks import Entry
from pipeline.text.script import to_traditional
from pipeline.times import MINUTE_MS
from schemas.commands import CommandKind
from schemas.tickets import Priority

VARIABLES = ("ticket_id", "status", "group", "due")  # what a template may say
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_ANSWER_WITHIN_MINUTES = 10


def automation(found: Mapping[str, Mapping[str, Entry]]) -> Automation:
    """What the sections say."""
    return Automation(
        actions=tuple(_action(name, entry.value) for name, entry in found["actions"].items()),
        task_forces=tuple(_task_force(name, entry.value) for name, entry in found["task_forces"].items()),
        templates={name: _template(name, entry.value) for name, entry in found["templates"].items()},
    )


def automation_problems(found: Mapping[str, Mapping[str, Entry]]) -> list[Problem]:
    """Templates that are named and not there, variables that nobody fills, commands that lack their object."""
    problems = []
    for name, entry in found["templates"].items():
        for language in ("zh", "zh_hant"):
            unknown = [each for each in _VARIABLE.findall(entry.value.get(language) or "") if each not in VARIABLES]
            if unknown:
                what = f"has the variable {unknown[0]}; known are {', '.join(VARIABLES)}"
                problems.append(Problem(entry.file, entry.line, f"templates.{name}.{language}", what))
    for name, entry in found["actions"].items():
        for index, do in enumerate(entry.value["do"]):
            what = _mistake(do, found)
            if what:
                problems.append(Problem(entry.file, entry.line, f"actions.{name}.do[{index}]", what))
    return problems


def _mistake(do: Mapping[str, Any], found: Mapping[str, Mapping[str, Entry]]) -> str:
    command = do["command"]
    if command in {CommandKind.NOTIFY_CUSTOMER, CommandKind.ADD_NOTE}:
        template = do.get("template")
        if template not in found["templates"]:
            known = ", ".join(found["templates"]) or "none"
            return f"names the template {template}; known: {known}"
    if command == CommandKind.ASSIGN and not do.get("group") and not found["task_forces"]:
        return "assigns to nobody; write group: … or a section task_forces"
    return ""


def _action(name: str, value: Mapping[str, Any]) -> Action:
    return Action(
        id=name,
        zh=value["zh"],
        when=Trigger(value["when"]),
        do=tuple(_do(each) for each in value["do"]),
        match={trait: frozenset(values) for trait, values in (value.get("match") or {}).items()},
        of=frozenset(value.get("of") or ()),
        clocks=frozenset(value.get("clocks") or ()),
        answer_within_ms=(value.get("answer_within_minutes") or _ANSWER_WITHIN_MINUTES) * MINUTE_MS,
        is_dry_run=bool(value.get("dry_run")),
    )


def _do(value: Mapping[str, Any]) -> Do:
    priority = value.get("priority")
    return Do(
        command=CommandKind(value["command"]),
        group=value.get("group") or "",
        priority=Priority(priority) if priority else None,
        template=value.get("template") or "",
    )


def _task_force(name: str, value: Mapping[str, Any]) -> TaskForce:
    return TaskForce(
        group=name,
        zh=value["zh"],
        regions=frozenset(value.get("regions") or ()),
        reasons=frozenset(value.get("reasons") or ()),
        at_most=value.get("at_most") or 0,
    )


def _template(name: str, value: Mapping[str, Any]) -> Template:
    return Template(name, value["zh"], value.get("zh_hant") or to_traditional(value["zh"]))

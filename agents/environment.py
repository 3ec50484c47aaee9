"""TOCSIN_ variables by name: which exist, which are misspelt, and how a problem with one is told."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ValidationError

PREFIX = "TOCSIN_"
BY_FIELD = "a group is written field by field, as in TOCSIN_OPS__PORT"
# Read by the test suite, whose workers inherit its environment.
_NOT_SETTINGS = frozenset({"TOCSIN_SOAK_SECONDS", "TOCSIN_SOAK_SEED"})
# Kubernetes puts the address of every service into every pod: a service named `tocsin` gives TOCSIN_PORT_9464_TCP.
_SERVICE_LINK = re.compile(r"TOCSIN_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)")


def variable_names(kind: type[BaseModel], prefix: str = PREFIX) -> Iterator[str]:
    """Every variable that may be set, groups field by field."""
    for name, field in kind.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from variable_names(field.annotation, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}"


def unknown_variables(kind: type[BaseModel], variables: Mapping[str, str]) -> list[str]:
    """One sentence for every TOCSIN_ variable that no field reads."""
    known = set(variable_names(kind))
    groups = {name.partition("__")[0] for name in known if "__" in name}
    in_kubernetes = "KUBERNETES_SERVICE_HOST" in variables
    problems = []
    for name in sorted(variables):
        if not name.upper().startswith(PREFIX) or name.upper() in known | groups | _NOT_SETTINGS:
            continue
        if in_kubernetes and _SERVICE_LINK.fullmatch(name):
            continue
        near = difflib.get_close_matches(name.upper(), known, n=1)
        problems.append(f"{name}: no such setting" + (f"; did you mean {near[0]}?" if near else ""))
    return problems


def report(error: ValidationError) -> list[str]:
    """One sentence for every wrong value. The value is shown, but for secrets."""
    problems = []
    for each in error.errors(include_url=False):
        path = [str(part) for part in each["loc"] if isinstance(part, str)]
        name = PREFIX + "__".join(path).upper()
        if each["type"] == "extra_forbidden":
            if not _is_variable(name):  # of one that is, `unknown_variables` has said so, and what was meant
                problems.append(f"{name}: no such setting")
            continue
        given = each["input"]
        shown = f"={given!r}" if isinstance(given, str | int | float) and "password" not in path[-1] else ""
        said = BY_FIELD if each["type"] == "model_type" else each["msg"].removeprefix("Value error, ")
        problems.append(f"{name}{shown}: {said}")
    return problems


def _is_variable(name: str) -> bool:
    """Whether the environment has it, or a part of it; a group in one piece of JSON brings names that it has not."""
    return any(each.upper() == name or each.upper().startswith(f"{name}__") for each in os.environ)

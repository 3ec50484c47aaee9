"""PromQL taken apart: which metrics an expression asks for, in rules and in dashboards."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser
import yaml

from tests.support.tree import ROOT

RULES = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
DASHBOARDS = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))

# What Grafana puts in before it asks Prometheus.
GRAFANA = {
    "$__rate_interval": "5m",
    "$__interval": "1m",
    "$__range": "3h",
    "$region": ".*",
    "$level": ".*",
    "$check": ".*",
}


class Expression(NamedTuple):
    """One expression and where it stands."""

    place: str
    text: str
    is_drawn: bool = True  # over time, as annotations and lines are; else asked for its newest value


def rules() -> list[dict[str, Any]]:
    """Every rule of every file."""
    return [
        rule
        for path in RULES
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]


def panels(path: Path) -> list[dict[str, Any]]:
    """The panels of one dashboard."""
    return json.loads(path.read_text(encoding="utf-8"))["panels"]


def rule_expressions() -> list[Expression]:
    """The expression of every rule."""
    return [Expression(rule.get("alert") or rule["record"], rule["expr"]) for rule in rules()]


def panel_expressions() -> list[Expression]:
    """The expression of every annotation and of every query of every panel, as Prometheus would get it."""
    annotations = [
        Expression(f"{path.stem}: {each['name']}", each["expr"])
        for path in DASHBOARDS
        for each in json.loads(path.read_text(encoding="utf-8"))["annotations"]["list"]
    ]
    return annotations + [
        Expression(f"{path.stem}: {panel['title']}: {target['refId']}", fill(target["expr"]), target["range"])
        for path in DASHBOARDS
        for panel in panels(path)
        for target in panel.get("targets", ())
    ]


def fill(expression: str) -> str:
    """Grafana's variables replaced by a value."""
    for name, value in GRAFANA.items():
        expression = expression.replace(name, value)
    return expression


def selectors(text: str) -> Iterator[Any]:
    """Every vector selector of an expression."""
    found: list[Any] = []

    def visit(node: Any) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(promql_parser.parse(text), visit)
    yield from found

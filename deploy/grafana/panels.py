"""Panels as plain values: what Grafana 12 reads, built so that units, titles and descriptions cannot be forgotten."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from queries import Query

SOURCE = {"type": "prometheus", "uid": "tocsin-prometheus"}
GRID_COLUMNS = 24

YELLOW, ORANGE, RED = "#F2CC0C", "#FF9830", "#E02F44"


class Look(NamedTuple):
    """How a series is called, and its colour where that means something."""

    name: str
    color: str = ""


# Each level has a word and a sign beside its colour: not everybody tells orange from red.
LEVELS = {
    "potential": Look("○ 潜在 potential", YELLOW),
    "explicit": Look("△ 明确 explicit", ORANGE),
    "high_risk": Look("■ 高危 high risk", RED),
}

Panel = dict[str, Any]


def panel(  # noqa: PLR0913  a panel has that many parts, and none of them has a default that fits all
    kind: str,
    title: str,
    description: str,
    queries: Sequence[Query],
    *,
    unit: str,
    size: tuple[int, int],
    options: Mapping[str, Any] | None = None,
    custom: Mapping[str, Any] | None = None,
    steps: Sequence[tuple[float | None, str]] = ((None, "green"),),
    overrides: Sequence[Mapping[str, Any]] = (),
    mappings: Sequence[Mapping[str, Any]] = (),
    decimals: int | None = None,
    transformations: Sequence[Mapping[str, Any]] = (),
) -> Panel:
    """One panel without its place; `arrange` gives it one."""
    defaults: dict[str, Any] = {
        "unit": unit,
        "noValue": "—",
        "custom": dict(custom or {}),
        "mappings": list(mappings),
        "thresholds": {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in steps]},
    }
    if decimals is not None:
        defaults["decimals"] = decimals
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": SOURCE,
        "targets": [_target(query, ref) for query, ref in zip(queries, "ABCDEFGH", strict=False)],
        "fieldConfig": {"defaults": defaults, "overrides": list(overrides)},
        "options": dict(options or {}),
        "transformations": list(transformations),
        "gridPos": {"w": size[0], "h": size[1], "x": 0, "y": 0},
    }


def _target(query: Query, ref: str) -> dict[str, Any]:
    return {
        "refId": ref,
        "datasource": SOURCE,
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        "instant": query.instant,
        "range": not query.instant,
        "format": "table" if query.instant else query.format,
    }


def timeseries(title: str, description: str, queries: Sequence[Query], *, unit: str, **rest: Any) -> Panel:
    """Lines over time."""
    custom = {"lineWidth": 2, "fillOpacity": 8, "showPoints": "never", "spanNulls": False} | rest.pop("custom", {})
    legend = {"displayMode": "list", "placement": "bottom", "showLegend": True}
    options = {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
    return panel("timeseries", title, description, queries, unit=unit, options=options, custom=custom, **rest)


def lines(title: str, description: str, expr: str, legend: str, *, unit: str = "short", **rest: Any) -> Panel:
    """Lines over time of one expression: a line for each value of the labels that `legend` names."""
    return timeseries(title, description, [Query(expr, legend)], unit=unit, **rest)


STACKED = {"stacking": {"mode": "normal"}, "fillOpacity": 40}
NEWEST = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def stat(title: str, description: str, query: Query, *, unit: str, **rest: Any) -> Panel:
    """One number, large, with its history behind it."""
    options = {"reduceOptions": NEWEST, "colorMode": "value", "graphMode": "area", "textMode": "auto"}
    return panel("stat", title, description, [query], unit=unit, options=options, **rest)


def count(title: str, description: str, expr: str, name: str, **rest: Any) -> Panel:
    """How many, at the top of a page: a whole number, four in a row."""
    return stat(title, description, Query(expr, name), unit="short", size=(6, 5), decimals=0, **rest)


def bars(title: str, description: str, query: Query, *, unit: str, **rest: Any) -> Panel:
    """A bar for each series, with its newest number beside it."""
    options = {"reduceOptions": NEWEST, "orientation": "horizontal", "displayMode": "basic", "valueMode": "text"}
    return panel("bargauge", title, description, [query], unit=unit, options=options, **rest)


def row(title: str) -> Panel:
    """A heading over the panels that follow."""
    place = {"w": GRID_COLUMNS, "h": 1, "x": 0, "y": 0}
    return {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": place}


def by_name(looks: Mapping[str, Look]) -> list[dict[str, Any]]:
    """Name and colour of each value of a label, wherever a series is called by it."""
    return [
        {"matcher": {"id": "byName", "options": value}, "properties": _properties(look)}
        for value, look in looks.items()
    ]


def _properties(look: Look) -> list[dict[str, Any]]:
    name = {"id": "displayName", "value": look.name}
    return [name, {"id": "color", "value": {"mode": "fixed", "fixedColor": look.color}}] if look.color else [name]


def arrange(panels: Sequence[Panel]) -> list[Panel]:
    """Give panels ids and places: each in turn as high up as it fits, and as far left."""
    depth = [0] * GRID_COLUMNS  # how far down each column is taken
    placed = []
    for number, each in enumerate(panels, 1):
        width, height = each["gridPos"]["w"], each["gridPos"]["h"]
        y, x = min((max(depth[left : left + width]), left) for left in range(GRID_COLUMNS - width + 1))
        depth[x : x + width] = [y + height] * width
        placed.append({"id": number, **each, "gridPos": {"x": x, "y": y, "w": width, "h": height}})
    return placed

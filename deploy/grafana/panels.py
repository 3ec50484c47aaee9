"""Panels as plain values: what Grafana 12 reads, built so that units, titles and descriptions cannot be forgotten."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

SOURCE = {"type": "prometheus", "uid": "tocsin-prometheus"}
GRID_COLUMNS = 24

# Each level has a word and a sign beside its colour: not everybody tells orange from red.
LEVELS = {
    "potential": ("○ 潜在 potential", "#F2CC0C"),
    "explicit": ("△ 明确 explicit", "#FF9830"),
    "high_risk": ("■ 高危 high risk", "#E02F44"),
}


class Query(NamedTuple):
    """One PromQL expression and how its series are called."""

    expr: str
    legend: str = ""
    instant: bool = False
    format: str = "time_series"


Panel = dict[str, Any]


def quantile(share: float, metric: str, *by: str, window: str = "$__rate_interval") -> str:
    """The value that `share` of a histogram's observations stay below."""
    labels = ", ".join(("le", *by))
    return f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket[{window}])))"


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


def stat(title: str, description: str, query: Query, *, unit: str, **rest: Any) -> Panel:
    """One number, large, with its history behind it."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "area",
        "textMode": "auto",
    }
    return panel("stat", title, description, [query], unit=unit, options=options, **rest)


def row(title: str) -> Panel:
    """A heading over the panels that follow."""
    place = {"w": GRID_COLUMNS, "h": 1, "x": 0, "y": 0}
    return {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": place}


def by_level() -> list[dict[str, Any]]:
    """Colour and name of each level, wherever a series is called by it."""
    return [
        {
            "matcher": {"id": "byName", "options": level},
            "properties": [
                {"id": "displayName", "value": name},
                {"id": "color", "value": {"mode": "fixed", "fixedColor": color}},
            ],
        }
        for level, (name, color) in LEVELS.items()
    ]


def value_names(names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Values shown by their names: region codes as provinces."""
    options = {value: {"text": text, "index": index} for index, (value, text) in enumerate(names.items())}
    return [{"type": "value", "options": options}]


def organize(*, hide: Sequence[str] = (), names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Columns of a table: which are left out, and how the others are called."""
    return {
        "id": "organize",
        "options": {"excludeByName": dict.fromkeys(hide, True), "renameByName": dict(names or {})},
    }


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

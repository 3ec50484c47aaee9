"""Tables: which columns they have, how values are called, and counts by two labels as a matrix."""

from collections.abc import Mapping, Sequence
from typing import Any

from panels import Look, Panel, by_name, panel
from queries import Query

Steps = Sequence[tuple[float | None, str]]


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


def matrix(  # noqa: PLR0913  two labels, each with its names
    title: str,
    description: str,
    counts: str,
    *,
    rows: tuple[str, str],
    row_names: Mapping[str, str],
    column: str,
    looks: Mapping[str, Look],
    sort_by: str,
    size: tuple[int, int],
    steps: Steps,
    row_links: Sequence[Mapping[str, Any]] = (),
) -> Panel:
    """Counts by two labels. `rows` is a label and its heading; `looks` are the values of `column`, `sort_by` is one.

    `row_links` are where a click on a row's name leads.
    """
    label, heading = rows
    fields = {"rowField": label, "columnField": column, "valueField": "Value", "emptyValue": "zero"}
    row_column = {
        "matcher": {"id": "byName", "options": label},
        "properties": [
            {"id": "displayName", "value": heading},
            {"id": "mappings", "value": value_names(row_names)},
            {"id": "custom.cellOptions", "value": {"type": "auto"}},
            *([{"id": "links", "value": list(row_links)}] if row_links else []),
        ],
    }
    return panel(
        "table",
        title,
        description,
        [Query(counts, instant=True)],
        unit="short",
        size=size,
        decimals=0,
        options={
            "showHeader": True,
            "cellHeight": "sm",
            "sortBy": [{"displayName": looks[sort_by].name, "desc": True}],
        },
        custom={"align": "auto", "cellOptions": {"type": "color-background", "mode": "gradient"}},
        steps=steps,
        overrides=[*by_name(looks), row_column],
        transformations=[
            {"id": "groupingToMatrix", "options": fields},
            organize(names={f"{label}\\{column}": label}),
        ],
    )

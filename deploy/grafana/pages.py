"""What every page has around its panels: one look, one time zone, ways to the other pages, marks of rule releases."""

from collections.abc import Sequence
from typing import Any

from panels import SOURCE, Panel, arrange

# A vertical line where a new rule pack came into force: a step in a curve may be the rules' doing.
RULE_RELEASES = {
    "name": "规则发布 rule releases",
    "datasource": SOURCE,
    "enable": True,
    "iconColor": "#8F3BB8",
    "expr": "count by (version) (tocsin_rules_info) unless count by (version) (tocsin_rules_info offset 1m)",
    "titleFormat": "规则 rules {{version}}",
    "step": "60s",
}
TAG = "tocsin"
# Where `tocsin board` listens unless told otherwise: `python deploy/grafana/build.py --board URL` writes another.
BOARD_URL = "http://127.0.0.1:9465"
OTHER_PAGES = {"type": "dashboards", "title": "", "tags": [TAG], "keepTime": True, "includeVars": False}


BOARD = {
    "type": "link",
    "title": "看板 board",
    "url": BOARD_URL,
    "icon": "external link",
    "tags": [],
    "targetBlank": True,
}
RUNBOOKS = BOARD | {"title": "运行手册 runbooks", "url": f"{BOARD_URL}/runbooks"}
# From the name of a region: its own page, and its conversations on the board.
TO_REGION = (
    {"title": "地区 region", "url": "/d/tocsin-region?var-region=${__value.raw}"},
    {"title": "看板 board", "url": f"{BOARD_URL}/?region=${{__value.raw}}", "targetBlank": True},
)


def variable(name: str, label: str, metric: str) -> dict[str, Any]:
    """A choice at the top: the values of the label `name` of a metric, all of them at first."""
    query = f"label_values({metric}, {name})"
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": f"variable-{name}"},
        "definition": query,
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "refresh": 2,
        "sort": 1,
        "current": {"text": "All", "value": "$__all"},
    }


def page(
    name: str,
    title: str,
    description: str,
    panels: Sequence[Panel],
    *,
    variables: Sequence[dict[str, Any]],
    since: str,
) -> dict[str, Any]:
    """A whole page as Grafana's classic JSON; `since` is how far back it looks at first, as in `now-3h`."""
    return {
        "uid": f"tocsin-{name}",
        "title": title,
        "description": description,
        "tags": [TAG],
        "schemaVersion": 42,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": since, "to": "now"},
        "timezone": "Asia/Shanghai",
        "templating": {"list": list(variables)},
        "annotations": {"list": [RULE_RELEASES]},
        "links": [OTHER_PAGES, BOARD, RUNBOOKS],
        "panels": arrange(panels),
    }

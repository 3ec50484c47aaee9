"""The overview: one look says where it burns, how fast an alert comes, and whether the machinery is well."""

from typing import Any

import complaints
import delay
import machinery
from panels import SOURCE, arrange

NAME = "overview"


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


def _variable(name: str, label: str, query: str) -> dict[str, Any]:
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


def dashboard() -> dict[str, Any]:
    """The whole dashboard as Grafana's classic JSON."""
    return {
        "uid": "tocsin-overview",
        "title": "Tocsin 总览 · Overview",
        "description": "投诉预警与管道健康。Complaint alerts and the health of the pipeline.",
        "tags": ["tocsin"],
        "schemaVersion": 42,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "Asia/Shanghai",
        "templating": {
            "list": [
                _variable("region", "地区 region", "label_values(tocsin_alerts_total, region)"),
                _variable("level", "级别 level", "label_values(tocsin_alerts_total, level)"),
            ]
        },
        "annotations": {"list": [RULE_RELEASES]},
        "links": [],
        "panels": arrange([*complaints.panels(), *delay.panels(), *machinery.panels()]),
    }

"""Panels on complaints: where, how many, how grave. What the pipeline decided, counted; nothing is judged here."""

from panels import LEVELS, Panel, Query, by_level, organize, panel, quantile, row, stat, timeseries, value_names

from pipeline.places.provinces import PROVINCES

REGION_NAMES = PROVINCES | {"unknown": "未知", "other": "其他"}
HIGH_RISK = LEVELS["high_risk"][0]
WHERE = 'region=~"$region",level=~"$level"'


def panels() -> list[Panel]:
    """The top of the board."""
    return [
        row("投诉预警 · Complaint alerts"),
        stat(
            "近一小时预警 · Alerts in the last hour",
            "所选地区与级别。Of the chosen regions and levels.",
            Query(f"sum(increase(tocsin_alerts_total{{{WHERE}}}[1h]))", "预警 alerts"),
            unit="short",
            size=(6, 5),
            decimals=0,
        ),
        stat(
            "近一小时高危 · High risk in the last hour",
            "曝光、监管、法律、安全等信号。Exposure, regulator, legal or safety signs.",
            Query('sum(increase(tocsin_alerts_total{region=~"$region",level="high_risk"}[1h]))', "高危 high risk"),
            unit="short",
            size=(6, 5),
            decimals=0,
            steps=((None, "green"), (1, "#E02F44")),
        ),
        stat(
            "从话音到预警 p95 · Event to alert, p95",
            "含数据源自身延迟。The source's own delay included.",
            Query(quantile(0.95, "tocsin_alert_latency_seconds", window="1h"), "p95"),
            unit="s",
            size=(6, 5),
            steps=((None, "green"), (10, "#FF9830"), (60, "#E02F44")),
        ),
        stat(
            "坐席提示 · Hints to agents in the last hour",
            "推送给当前坐席的提示。Cards shown to the agent who has the conversation.",
            Query("sum(increase(tocsin_hints_total[1h]))", "提示 hints"),
            unit="short",
            size=(6, 5),
            decimals=0,
        ),
        _regions(),
        timeseries(
            "按级别 · By level",
            "每分钟预警数。Alerts a minute.",
            [Query(f"60 * sum by (level) (rate(tocsin_alerts_total{{{WHERE}}}[$__rate_interval]))", "{{level}}")],
            unit="short",
            size=(14, 6),
            overrides=by_level(),
            custom={"stacking": {"mode": "normal"}, "fillOpacity": 40},
        ),
        timeseries(
            "按原因 · By reason",
            "首要原因，每分钟。Leading reason, alerts a minute.",
            [Query(f"60 * sum by (reason) (rate(tocsin_alerts_total{{{WHERE}}}[$__rate_interval]))", "{{reason}}")],
            unit="short",
            size=(7, 6),
        ),
        timeseries(
            "按渠道与类型 · By channel and kind",
            "每分钟预警数。Alerts a minute.",
            [
                Query(
                    "60 * sum by (channel_class, kind) (rate(tocsin_alert_kinds_total[$__rate_interval])) > 0",
                    "{{channel_class}} {{kind}}",
                )
            ],
            unit="short",
            size=(7, 6),
        ),
        timeseries(
            "打标事件 · Tagged events",
            "每秒带有投诉信号的事件。Events a second that carried a finding.",
            [Query("sum by (level) (rate(tocsin_tagged_total[$__rate_interval]))", "{{level}}")],
            unit="ops",
            size=(24, 6),
            overrides=by_level(),
        ),
    ]


def _regions() -> Panel:
    matrix = {"rowField": "region", "columnField": "level", "valueField": "Value", "emptyValue": "zero"}
    region_column = {
        "matcher": {"id": "byName", "options": "region"},
        "properties": [
            {"id": "displayName", "value": "地区 region"},
            {"id": "mappings", "value": value_names(REGION_NAMES)},
            {"id": "custom.cellOptions", "value": {"type": "auto"}},
        ],
    }
    return panel(
        "table",
        "地区 × 级别，近一小时 · Region by level, last hour",
        "未列出的地区没有预警或没有数据。A region that is not listed had no alert, or sent no data.",
        [Query(f"sum by (region, level) (increase(tocsin_alerts_total{{{WHERE}}}[1h])) >= 1", instant=True)],
        unit="short",
        size=(10, 12),
        decimals=0,
        options={"showHeader": True, "cellHeight": "sm", "sortBy": [{"displayName": HIGH_RISK, "desc": True}]},
        custom={"align": "auto", "cellOptions": {"type": "color-background", "mode": "gradient"}},
        steps=((None, "transparent"), (1, "#F2CC0C"), (10, "#FF9830"), (50, "#E02F44")),
        overrides=[*by_level(), region_column],
        transformations=[
            {"id": "groupingToMatrix", "options": matrix},
            organize(names={"region\\level": "region"}),
        ],
    )

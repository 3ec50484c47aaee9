"""Panels on complaints: where, how many, how grave. What the pipeline decided, counted; nothing is judged here."""

from pages import TO_REGION
from panels import LEVELS, ORANGE, RED, STACKED, YELLOW, Panel, by_name, count, lines, row, stat
from queries import Query, grown, per_minute, quantile
from tables import Steps, matrix

from pipeline.places.provinces import PROVINCES

REGION_NAMES = PROVINCES | {"unknown": "未知", "other": "其他"}
LAST_DAY = 'tocsin_alerts_last_day{region=~"$region",level=~"$level"}'
ALERTS = 'tocsin_alerts_total{region=~"$region",level=~"$level"}'


def panels() -> list[Panel]:
    """The top of the board."""
    return [
        row("投诉预警 · Complaint alerts"),
        count(
            "近一小时预警 · Alerts in the last hour",
            "所选地区与级别。Of the chosen regions and levels.",
            grown(ALERTS),
            "预警 alerts",
        ),
        count(
            "近一小时高危 · High risk in the last hour",
            "曝光、监管、法律、安全等信号。Exposure, regulator, legal or safety signs.",
            grown('tocsin_alerts_total{region=~"$region",level="high_risk"}'),
            "高危 high risk",
            steps=((None, "green"), (1, RED)),
        ),
        stat(
            "从话音到预警 p95 · Event to alert, p95",
            "含数据源自身延迟。The source's own delay included.",
            Query(quantile(0.95, "tocsin_alert_latency_seconds", window="1h"), "p95"),
            unit="s",
            size=(6, 5),
            steps=((None, "green"), (10, ORANGE), (60, RED)),
        ),
        count(
            "坐席提示 · Hints to agents in the last hour",
            "推送给当前坐席的提示。Cards shown to the agent who has the conversation.",
            grown("tocsin_hints_total"),
            "提示 hints",
        ),
        _regions(),
        lines(
            "按级别 · By level",
            "每分钟预警数。Alerts a minute.",
            per_minute(ALERTS, "level"),
            "{{level}}",
            size=(14, 6),
            overrides=by_name(LEVELS),
            custom=STACKED,
        ),
        lines(
            "按原因 · By reason",
            "首要原因，每分钟。Leading reason, alerts a minute.",
            per_minute(ALERTS, "reason"),
            "{{reason}}",
            size=(7, 6),
        ),
        lines(
            "按渠道与类型 · By channel and kind",
            "每分钟预警数。Alerts a minute.",
            f"{per_minute('tocsin_alert_kinds_total', 'channel_class', 'kind')} > 0",
            "{{channel_class}} {{kind}}",
            size=(7, 6),
        ),
        _last_day(),
        lines(
            "打标事件 · Tagged events",
            "每秒带有投诉信号的事件。Events a second that carried a finding.",
            "sum by (level) (rate(tocsin_tagged_total[$__rate_interval]))",
            "{{level}}",
            unit="ops",
            size=(14, 8),
            overrides=by_name(LEVELS),
        ),
    ]


def _regions() -> Panel:
    return _matrix(
        "地区 × 级别，近一小时 · Region by level, last hour",
        "未列出的地区没有预警或没有数据。A region that is not listed had no alert, or sent no data.",
        f"{grown(ALERTS, 'region', 'level')} >= 1",
        size=(10, 12),
        steps=((None, "transparent"), (1, YELLOW), (10, ORANGE), (50, RED)),
    )


def _last_day() -> Panel:
    return _matrix(
        "地区 × 级别，近一天 · Region by level, last day",
        "与看板相同，重启后不变：升至该级别的会话。As on the board, also after a crash: conversations that rose.",
        f"sum by (region, level) ({LAST_DAY}) >= 1",
        size=(10, 8),
        steps=((None, "transparent"), (1, YELLOW), (100, ORANGE), (500, RED)),
    )


def _matrix(title: str, description: str, counts: str, *, size: tuple[int, int], steps: Steps) -> Panel:
    return matrix(
        title,
        description,
        counts,
        rows=("region", "地区 region"),
        row_names=REGION_NAMES,
        column="level",
        looks=LEVELS,
        sort_by="high_risk",
        size=size,
        row_links=TO_REGION,
        steps=steps,
    )

"""Panels on delay and freshness: how fast an alert comes, who is silent, what waits, what is refused."""

from panels import ORANGE, RED, Panel, lines, panel, row, timeseries
from queries import Query, per_minute, quantile

RED_AT_SECONDS = 30
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def panels() -> list[Panel]:
    """The middle of the board."""
    return [
        row("时延与数据新鲜度 · Delay and freshness"),
        timeseries(
            "管道内时延 · From record to alert",
            "从触发记录到预警提交，仅本系统部分。Our part alone: the causing record to the committed alert.",
            [
                Query(quantile(share, "tocsin_alert_pipeline_latency_seconds"), name)
                for name, share in PERCENTILES.items()
            ],
            unit="s",
            size=(8, 7),
            steps=((None, "green"), (RED_AT_SECONDS, RED)),
        ),
        panel(
            "heatmap",
            "从话音到预警 · From what was said to the alert",
            "含数据源延迟；颜色为条数。The source's delay included.",
            [
                Query(
                    "sum by (le) (increase(tocsin_alert_latency_seconds_bucket[$__rate_interval]))",
                    "{{le}}",
                    format="heatmap",
                )
            ],
            unit="s",
            size=(8, 7),
            options={
                "calculate": False,
                "yAxis": {"unit": "s"},
                "color": {"scheme": "Oranges", "mode": "scheme"},
                "cellGap": 1,
                "legend": {"show": False},
            },
        ),
        lines(
            "数据源静默时长 · Age of the newest record",
            "每个数据源最近一条记录距今多久。How long ago each source spoke last.",
            "time() - max by (topic) (tocsin_source_last_event_timestamp_seconds)",
            "{{topic}}",
            unit="s",
            size=(8, 7),
            steps=((None, "green"), (900, ORANGE)),
        ),
        lines(
            "积压 · Lag",
            "等待处理的记录。Records that wait.",
            "sum by (topic) (tocsin_consumer_lag_records)",
            "{{topic}}",
            size=(8, 7),
        ),
        lines(
            "批内最新记录的延迟 p95 · Age of a turn's newest record, p95",
            "提交时该批最新记录的年龄。Its age when the turn was committed.",
            quantile(0.95, "tocsin_event_delay_seconds", "topic"),
            "{{topic}}",
            unit="s",
            size=(8, 7),
        ),
        lines(
            "死信 · Dead letters",
            "每分钟被拒绝的记录。Refused records a minute.",
            f"{per_minute('tocsin_dead_letters_total', 'topic', 'category')} > 0",
            "{{topic}} {{category}}",
            size=(8, 7),
        ),
    ]

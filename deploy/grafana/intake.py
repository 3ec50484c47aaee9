"""Panels on the intake: what came over HTTP, what became of it, how fast it was answered."""

from panels import RED, Panel, lines, row
from queries import per_minute, quantile


def panels() -> list[Panel]:
    """Beneath the delay of the pipeline: what is refused here never gets there."""
    return [
        row("接入 · Intake"),
        lines(
            "请求 · Requests",
            "每分钟请求数，按来源与结果。Requests a minute, by source and what became of them.",
            f"{per_minute('tocsin_intake_requests_total', 'source', 'outcome')} > 0",
            "{{source}} {{outcome}}",
            size=(6, 7),
        ),
        lines(
            "应答耗时 p95 · Time to answer, p95",
            "Chatwoot 只等五秒，超时会重发。Chatwoot waits five seconds; what takes longer is sent again.",
            quantile(0.95, "tocsin_intake_seconds", "source"),
            "{{source}}",
            unit="s",
            size=(6, 7),
            steps=((None, "green"), (5, RED)),
        ),
        lines(
            "写入的事件 · Events written",
            "Kafka 已确认，每分钟。Acknowledged by Kafka, a minute.",
            per_minute("tocsin_intake_events_total", "source", "topic"),
            "{{source}} → {{topic}}",
            size=(6, 7),
        ),
        lines(
            "无法使用的内容 · Bodies that cannot be used",
            "每分钟死信；字段见 deadletters。Dead letters a minute; each names its field.",
            f"{per_minute('tocsin_intake_dead_letters_total', 'source', 'category')} > 0",
            "{{source}} {{category}}",
            size=(6, 7),
        ),
    ]

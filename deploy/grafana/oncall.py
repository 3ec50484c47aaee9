"""The page on the people: are they told, is heard what they answer, do agents get hints, are the rules right?"""

from typing import Any

from pages import page
from panels import LEVELS, ORANGE, RED, YELLOW, Look, Panel, by_name, count, lines, row, timeseries
from queries import Query, grown, per_minute, quantile
from tables import matrix

NAME = "on-call"
NOTIFICATIONS = "tocsin_notifications_total"
ANSWERS = "tocsin_answer_requests_total"
TOLD = 'tocsin_notifications_total{result=~"sent|bundled"}'
ACTED = 'tocsin_answer_requests_total{outcome="taken"}'
VERDICTS = {
    "true": Look("✓ 对 true", "green"),
    "handled": Look("● 已处理 handled"),
    "false_alarm": Look("✕ 误报 false alarm", RED),
}


def dashboard() -> dict[str, Any]:
    """The whole page."""
    return page(
        NAME,
        "Tocsin 值班 · On call",
        "通知、应答、坐席提示与判定。Whether people are told and heard, hints to agents, and what verdicts prove.",
        [*_summary(), *_deliveries(), *_answers(), *_hints(), *_verdicts()],
        variables=(),
        since="now-6h",
    )


def _summary() -> list[Panel]:
    return [
        row("值班 · On call"),
        count(
            "近一小时送达 · Told in the last hour",
            "厂商确认收下的通知，含合并的。Notifications that a vendor took, those in bundles too.",
            grown(TOLD),
            "送达 told",
        ),
        count(
            "近一小时应答 · Answers in the last hour",
            "经链接或卡片生效的操作。Actions that were taken, by link or card.",
            grown(ACTED),
            "应答 answers",
        ),
        count(
            "等待中的通知 · Notifications that wait",
            "多且不降：配额不足或通道停用。Many for long: the pace is too slow, or a channel is shut.",
            "sum(tocsin_deliveries_waiting)",
            "等待 waiting",
            steps=((None, "green"), (50, ORANGE)),
        ),
        count(
            "停用的通道 · Channels shut",
            "厂商拒绝或无应答；高危改走其他通道。The vendor refuses or is silent; high risk goes another way.",
            "sum(max by (channel) (tocsin_channel_shut))",
            "停用 shut",
            steps=((None, "green"), (1, RED)),
        ),
    ]


def _deliveries() -> list[Panel]:
    return [
        row("通知 · Deliveries"),
        lines(
            "结果 · Receipts",
            "每分钟，按通道与结果；failed_perm 或 expired 增长须处理。A minute; nobody is told by what expires.",
            f"{per_minute(NOTIFICATIONS, 'channel', 'result')} > 0",
            "{{channel}} {{result}}",
            size=(12, 7),
        ),
        lines(
            "失败原因 · Why attempts failed",
            "每分钟；unauthorised 只有运维能解决。A minute; unauthorised needs an operator.",
            f"{per_minute('tocsin_delivery_failures_total', 'channel', 'outcome')} > 0",
            "{{channel}} {{outcome}}",
            size=(12, 7),
        ),
        lines(
            "厂商应答耗时 p95 · Time of an attempt, p95",
            "接近十秒即为无应答。Near ten seconds the vendor hangs.",
            quantile(0.95, "tocsin_delivery_seconds", "channel"),
            "{{channel}}",
            unit="s",
            size=(6, 7),
            steps=((None, "green"), (5, RED)),
        ),
        lines(
            "等待 · Waiting",
            "按通道。By channel.",
            "sum by (channel) (tocsin_deliveries_waiting)",
            "{{channel}}",
            size=(6, 7),
        ),
        lines(
            "停用 · Shut",
            "1 为通道暂不接收。1 while a channel takes nothing.",
            "max by (channel) (tocsin_channel_shut)",
            "{{channel}}",
            size=(6, 7),
            decimals=0,
        ),
        lines(
            "可发 · Budget",
            "此刻还能发送的条数，按通道。How many each channel may be sent now.",
            "min by (channel) (tocsin_channel_budget_remaining)",
            "{{channel}}",
            size=(6, 7),
            decimals=0,
        ),
    ]


def _answers() -> list[Panel]:
    return [
        row("应答 · Answers"),
        lines(
            "按钮与链接 · Buttons and links",
            "每分钟，按途径与结果；forged、stale 多则查密钥与时钟。Many forged or stale: look at keys and clocks.",
            f"{per_minute(ANSWERS, 'way', 'outcome')} > 0",
            "{{way}} {{outcome}}",
            size=(14, 7),
        ),
        lines(
            "应答耗时 p95 · Time to answer, p95",
            "飞书只等三秒。Feishu waits three seconds.",
            quantile(0.95, "tocsin_answer_seconds", "way"),
            "{{way}}",
            unit="s",
            size=(10, 7),
            steps=((None, "green"), (3, RED)),
        ),
    ]


def _hints() -> list[Panel]:
    return [
        row("坐席提示 · Hints to agents"),
        timeseries(
            "从话音到桌面 · From what was said to the desktop",
            "超过一秒就晚了。Above a second it is too late.",
            [
                Query(quantile(share, "tocsin_hint_delay_seconds"), name)
                for name, share in (("p50", 0.5), ("p99", 0.99))
            ],
            unit="s",
            size=(8, 7),
            steps=((None, "green"), (1, RED)),
        ),
        timeseries(
            "桌面与缓存 · Desktops and what is kept",
            "在线桌面；最近几分钟的提示。Desktops that listen; hints of the last minutes.",
            [
                Query("sum(tocsin_hint_streams)", "桌面 desktops"),
                Query("max(tocsin_hints_kept)", "提示 hints"),
            ],
            unit="short",
            size=(8, 7),
            decimals=0,
        ),
        lines(
            "跟不上的桌面 · Desktops that did not keep up",
            "一小时内被断开的连接。Streams that were cut within an hour.",
            grown("tocsin_hint_streams_cut_total"),
            "断开 cut",
            size=(8, 7),
            decimals=0,
        ),
    ]


def _verdicts() -> list[Panel]:
    return [
        row("判定 · Verdicts"),
        matrix(
            "规则 × 判定 · Rule by verdict",
            "被判定的告警数；先修误报最多的规则。Judged alerts; mend first what is called false most.",
            "sum by (rule, verdict) (max by (rule, verdict) (tocsin_rule_verdicts))",
            rows=("rule", "规则 rule"),
            row_names={},
            column="verdict",
            looks=VERDICTS,
            sort_by="false_alarm",
            size=(10, 8),
            steps=((None, "transparent"), (1, YELLOW), (30, ORANGE)),
        ),
        lines(
            "规则精度上界 · What a rule may reach at best",
            "95 % 区间的上界；低于 0.5 须修改。Upper bound of the interval; below 0.5 mend it.",
            'max by (rule) (tocsin_rule_precision{bound="high"})',
            "{{rule}}",
            unit="percentunit",
            size=(7, 8),
        ),
        lines(
            "已判定的告警 · Judged alerts by level",
            "自运行以来。Since the ledger begins.",
            "sum by (level) (max by (level, verdict) (tocsin_level_verdicts))",
            "{{level}}",
            size=(7, 4),
            decimals=0,
            overrides=by_name(LEVELS),
        ),
        lines(
            "级别精度 · Precision of levels",
            "判定为对或已处理的占比。Share called right or handled.",
            'max by (level) (tocsin_level_precision{bound="value"})',
            "{{level}}",
            unit="percentunit",
            size=(7, 4),
            overrides=by_name(LEVELS),
        ),
    ]

"""Panels on the machinery: throughput, transactions, rows, partitions, recovery, versions."""

from panels import ORANGE, Panel, lines, panel, row, timeseries
from queries import Query, quantile
from tables import organize, value_names

ROWS = "{{stage}} 行/秒 rows/s"
SECONDS_FIRST = [{"matcher": {"id": "byFrameRefID", "options": "A"}, "properties": [{"id": "unit", "value": "s"}]}]


def panels() -> list[Panel]:
    """What goes through, what is kept, and what runs."""
    return [
        row("管道 · The pipeline"),
        *_flow(),
        *_state(),
        *_partitions(),
        _probes(),
        _firing(),
        _shadow(),
        _versions(),
    ]


def _flow() -> list[Panel]:
    """What goes through, and in which transactions."""
    return [
        timeseries(
            "吞吐 · Throughput",
            "每秒处理与发布的记录。Records a second, taken and published.",
            [
                Query("sum by (topic, outcome) (rate(tocsin_events_total[$__rate_interval]))", "{{topic}} {{outcome}}"),
                Query("sum by (topic) (rate(tocsin_outputs_total[$__rate_interval])) > 0", "→ {{topic}}"),
            ],
            unit="ops",
            size=(8, 7),
        ),
        timeseries(
            "事务耗时 · Transaction time",
            "一次 Kafka 事务。One Kafka transaction.",
            [
                Query(quantile(0.5, "tocsin_transaction_seconds"), "p50"),
                Query(quantile(0.99, "tocsin_transaction_seconds"), "p99"),
            ],
            unit="s",
            size=(8, 7),
        ),
        timeseries(
            "每事务记录数与事务频率 · Records a transaction, and transactions a second",
            "负载高而事务小，说明批次没有合并。Tiny transactions under load: batches do not merge.",
            [
                Query(
                    "sum(rate(tocsin_transaction_records_sum[$__rate_interval]))"
                    " / sum(rate(tocsin_transaction_records_count[$__rate_interval]))",
                    "记录/事务 records each",
                ),
                Query("sum(rate(tocsin_transaction_seconds_count[$__rate_interval]))", "事务/秒 transactions/s"),
            ],
            unit="short",
            size=(8, 7),
        ),
    ]


def _state() -> list[Panel]:
    """Rows, memory, decisions."""
    return [
        lines(
            "状态行数 · Rows in memory",
            "每个阶段。By stage.",
            "sum by (stage) (tocsin_store_rows)",
            "{{stage}}",
            size=(8, 7),
        ),
        timeseries(
            "状态大小与内存 · Size of the rows, memory",
            "编码后大小；进程常驻内存。As encoded; resident memory of the processes.",
            [
                Query("sum by (stage) (tocsin_store_bytes)", "{{stage}}"),
                Query('process_resident_memory_bytes{job="tocsin"}', "{{instance}} RSS"),
            ],
            unit="bytes",
            size=(8, 7),
        ),
        timeseries(
            "决策耗时与变更 · Deciding",
            "每批决策 p95；每秒改写的行。p95 of a turn; rows changed a second.",
            [
                Query(quantile(0.95, "tocsin_decide_seconds", "stage"), "{{stage}} p95"),
                Query("sum by (stage) (rate(tocsin_changed_rows_total[$__rate_interval]))", ROWS),
            ],
            unit="none",
            size=(8, 7),
            overrides=SECONDS_FIRST,
        ),
    ]


def _partitions() -> list[Panel]:
    """Who owns what, and how it was taken over."""
    return [
        panel(
            "state-timeline",
            "分区 · Partitions",
            "就绪、恢复中，或无人拥有（空白）。Ready, recovering, or owned by nobody (blank).",
            [Query("max by (partition) (tocsin_partition_ready)", "分区 {{partition}}")],
            unit="short",
            size=(8, 7),
            options={"mergeValues": True, "showValue": "never", "legend": {"showLegend": False}},
            custom={"fillOpacity": 80},
            steps=((None, ORANGE), (1, "green")),
            mappings=value_names({"0": "恢复中 recovering", "1": "就绪 ready"}),
        ),
        timeseries(
            "停滞与恢复 · Standstill and recovery",
            "距上次提交多久；恢复已进行多久；分区时钟落后多少。"
            "Since the last commit; since take-over began; how far a partition's clock is behind.",
            [
                Query("max by (partition) (tocsin_partition_progress_age_seconds)", "{{partition}} 停滞 idle"),
                Query("max by (partition) (tocsin_partition_recovering_seconds) > 0", "{{partition}} 恢复 recovering"),
                Query("time() - min(tocsin_partition_clock_timestamp_seconds)", "时钟落后 clock behind"),
            ],
            unit="s",
            size=(8, 7),
        ),
        timeseries(
            "接管 · Take-overs",
            "恢复耗时 p95 与每秒恢复的行。p95 of recoveries; rows recovered a second.",
            [
                Query(quantile(0.95, "tocsin_recovery_seconds", "stage", window="1h"), "{{stage}} p95"),
                Query("sum by (stage) (rate(tocsin_recovered_rows_total[$__rate_interval])) > 0", ROWS),
            ],
            unit="none",
            size=(8, 7),
            overrides=SECONDS_FIRST,
        ),
        lines(
            "批次 · Turns",
            "每秒提交的批次，按分区。Turns committed a second, by partition.",
            "sum by (partition) (rate(tocsin_turns_total[$__rate_interval]))",
            "{{partition}}",
            unit="ops",
            size=(8, 7),
        ),
    ]


def _probes() -> Panel:
    return timeseries(
        "探针与规则更新 · Probes and the last rule pack",
        "1 为通过。1 is yes; /readyz says why it is not.",
        [
            Query("min by (probe) (tocsin_probe_ok)", "{{probe}}"),
            Query("min(tocsin_rules_reload_success)", "规则 rules"),
            Query("min(tocsin_model_loaded)", "模型 model"),
        ],
        unit="short",
        size=(8, 7),
        decimals=0,
    )


def _firing() -> Panel:
    return panel(
        "table",
        "平台告警 · Platform alerts",
        "系统自身的告警，投诉预警不在此处。Of the machinery itself; complaint alerts are further up.",
        [Query('ALERTS{plane="platform",severity!="none"}', instant=True)],
        unit="short",
        size=(16, 7),
        options={"showHeader": True, "cellHeight": "sm", "sortBy": [{"displayName": "级别 severity", "desc": False}]},
        transformations=[
            organize(
                hide=("Time", "Value", "__name__", "job", "plane", "system"),
                names={
                    "alertname": "告警 alert",
                    "alertstate": "状态 state",
                    "severity": "级别 severity",
                    "topic": "主题 topic",
                    "partition": "分区 partition",
                    "instance": "进程 instance",
                },
            )
        ],
    )


def _shadow() -> Panel:
    levels = ("none", "potential", "explicit", "high_risk")
    differing = " or ".join(
        f'tocsin_rules_shadow_texts{{live="{level}",shadow!="{level}"}}' for level in levels
    )  # the diagonal is agreement, and a thousand times as large
    return timeseries(
        "影子规则包的不同判定 · What the shadow pack judges differently",
        "实时包 → 影子包的级别，影子包只计数。Texts since it was set, by the live and by the shadow pack's level.",
        [
            Query(f"sum by (live, shadow) ({differing}) > 0", "{{live}} → {{shadow}}"),
            Query("sum(tocsin_rules_shadow_failed_texts)", "失败 failed"),
            Query("count by (version) (tocsin_rules_shadow_info)", "影子 shadow {{version}}"),
        ],
        unit="short",
        size=(8, 7),
        decimals=0,
    )


def _versions() -> Panel:
    rules = 'label_replace(tocsin_rules_info, "rules", "$1", "version", "(.*)")'
    models = 'label_replace(tocsin_model_info, "model", "$1", "version", "(.*)")'
    return panel(
        "table",
        "版本 · What runs",
        "程序、规则包、模型与分区数。Program, rule pack, model, partitions of each source topic.",
        [
            Query("count by (version, python, faust, aiokafka) (tocsin_build_info)", instant=True),
            Query(f"count by (rules) ({rules})", instant=True),
            Query("max(tocsin_partitions)", instant=True),
            Query(f"count by (model) ({models})", instant=True),
        ],
        unit="short",
        size=(24, 7),
        options={"showHeader": True, "cellHeight": "sm"},
        transformations=[
            {"id": "merge", "options": {}},
            organize(
                hide=("Time", "Value #B", "Value #D"),
                names={
                    "version": "程序 program",
                    "rules": "规则 rules",
                    "model": "模型 model",
                    "Value #A": "进程数 workers",
                    "Value #C": "分区 partitions",
                },
            ),
        ],
    )

"""What a committed turn adds to the metrics."""

from datetime import UTC, date, datetime
from itertools import product

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from agents.engine.observer import Committed
from agents.metrics import Metrics
from agents.metrics.collector import PartitionCollector
from agents.ops.views import PartitionView
from pipeline.places.provinces import REGIONS
from pipeline.stage import Effects, Output, Stage
from schemas import topics
from schemas.deadletters import DeadLetter
from schemas.desks import HotTickets, HotTopic
from schemas.kpis import Kpi, KpiTally, Measure
from schemas.quality import Severity
from schemas.vocabulary import AlertKind, Category, ChannelClass, Level, ReasonGroup
from tests.support.turns import NOON_MS, alert, hint, refusal, tag, turn

STAGE = Stage(
    name="conversations",
    sources=(topics.UTTERANCES, topics.MESSAGES, topics.TICKS),
    row=DeadLetter,
    outputs=(topics.TAGGED, topics.ALERTS, topics.HINTS, topics.DEADLETTERS),
    decide=lambda _batch, _rows: Effects(),
)
SERIES_BUDGET_COUNT = 10_000


@pytest.fixture
def registry():
    """A page of its own."""
    return CollectorRegistry()


@pytest.fixture
def metrics(registry):
    """The metrics of a worker that runs one stage."""
    built = Metrics(registry)
    built.stage_started(STAGE)
    return built


def commit(metrics, decided, *, records=None, late_ms=40, newest_ms=None):
    """One committed turn of the conversations stage."""
    read = records or {"calls.utterances": 10}
    metrics.turn_committed(Committed("conversations", 3, decided, read, newest_ms or {}, 0.002, NOON_MS + late_ms))


def value(registry, name, **labels):
    """One sample."""
    return registry.get_sample_value(name, labels)


def test_accepted_and_refused_add_up_to_what_was_read(metrics, registry):
    """Each source record is counted once, by what became of it."""
    commit(metrics, turn(refusals=[refusal(), refusal()]), records={"calls.utterances": 10, "chats.messages": 4})
    events = {"stage": "conversations", "topic": "calls.utterances"}
    assert value(registry, "tocsin_events_total", outcome="accepted", **events) == 8
    assert value(registry, "tocsin_events_total", outcome="refused", **events) == 2
    chats = {"stage": "conversations", "topic": "chats.messages", "outcome": "accepted"}
    assert value(registry, "tocsin_events_total", **chats) == 4


def test_dead_letters_by_category(metrics, registry):
    """A refusal is one dead letter of its topic and category."""
    commit(metrics, turn(refusals=[refusal(), refusal(category=Category.DECODE), refusal(category=Category.DECODE)]))
    assert value(registry, "tocsin_dead_letters_total", topic="calls.utterances", category="schema") == 1
    assert value(registry, "tocsin_dead_letters_total", topic="calls.utterances", category="decode") == 2


def test_alerts_by_region_level_and_leading_reason(metrics, registry):
    """An alert with two reasons is one alert: the first reason stands for it."""
    commit(metrics, turn(alert(), alert(), alert(region="310000", level=Level.HIGH_RISK, reasons=())))
    assert value(registry, "tocsin_alerts_total", region="440000", level="explicit", reason="after_sales") == 2
    assert value(registry, "tocsin_alerts_total", region="440000", level="explicit", reason="service") == 0
    assert value(registry, "tocsin_alerts_total", region="310000", level="high_risk", reason="other") == 1
    kinds = {"kind": "level_rise", "channel_class": "voice", "level": "explicit"}
    assert value(registry, "tocsin_alert_kinds_total", **kinds) == 2


def test_an_alert_without_level_and_channel_is_counted(metrics, registry):
    """A surge of a region has no level of its own; it is not lost."""
    commit(metrics, turn(alert(kind=AlertKind.SURGE, level=None, channel=None)))
    kinds = {"kind": "surge", "channel_class": "none", "level": "none"}
    assert value(registry, "tocsin_alert_kinds_total", **kinds) == 1


OVER = ("resolved",)


@pytest.mark.parametrize(
    ("changes", "by_region", "by_kind"),
    [
        pytest.param({"kind": AlertKind.SURGE, "tags": ("opened",)}, 1, 1, id="a surge opens"),
        pytest.param({"kind": AlertKind.SURGE, "tags": OVER}, 0, 0, id="a surge is over"),
        pytest.param({"kind": AlertKind.OUTBREAK, "tags": OVER}, 0, 0, id="an outbreak is over"),
        pytest.param({"kind": AlertKind.REVIEW_UNANSWERED, "tags": OVER}, 0, 0, id="a review has its answer"),
        pytest.param({"tags": OVER}, 1, 1, id="a house calls one of its own tags so"),
        pytest.param({"kind": AlertKind.SURGE, "tags": ("opened", "resolved")}, 1, 1, id="its first tag says it"),
        pytest.param({"kind": AlertKind.RATE, "region": "unknown"}, 0, 1, id="a rate of a product is of no region"),
        pytest.param({"kind": AlertKind.RATE}, 1, 1, id="a rate of a region"),
        pytest.param({"region": "unknown"}, 1, 1, id="a source does not say the region"),
    ],
)
def test_what_counts_as_an_alert(metrics, registry, changes, by_region, by_kind):
    """That something is over is no complaint; what has no region is not missing one."""
    commit(metrics, turn(alert(**changes)))
    where = {"region": changes.get("region", "440000"), "level": "explicit", "reason": "after_sales"}
    kind = {"kind": changes.get("kind", "level_rise"), "channel_class": "voice", "level": "explicit"}
    assert value(registry, "tocsin_alerts_total", **where) == by_region
    assert value(registry, "tocsin_alert_kinds_total", **kind) == by_kind
    assert value(registry, "tocsin_alert_latency_seconds_count", channel_class="voice") == by_kind


def test_a_drill_is_no_complaint(metrics, registry):
    """It is a record that was published, and nothing that anybody said or was slow about."""
    commit(metrics, turn(alert(test="drill-1"), tag(test="drill-1"), alert(), hint()))
    assert value(registry, "tocsin_outputs_total", topic="complaints.alerts") == 2
    assert value(registry, "tocsin_alerts_total", region="440000", level="explicit", reason="after_sales") == 1
    assert value(registry, "tocsin_tagged_total", channel_class="voice", level="explicit") == 0
    assert value(registry, "tocsin_alert_latency_seconds_count", channel_class="voice") == 1


def test_an_unknown_region_cannot_grow_the_series(metrics, registry):
    """What is no region label is counted under other, whatever a source sends."""
    commit(metrics, turn(*(alert(region=f"x{number}") for number in range(50))))
    assert value(registry, "tocsin_alerts_total", region="other", level="explicit", reason="after_sales") == 50
    assert value(registry, "tocsin_alerts_total", region="x1", level="explicit", reason="after_sales") is None


def test_an_unknown_topic_cannot_grow_the_series(metrics, registry):
    """A topic that is not in the table is counted under other."""
    commit(metrics, turn(), records={"somebody.elses": 2})
    events = {"stage": "conversations", "topic": "other", "outcome": "accepted"}
    assert value(registry, "tocsin_events_total", **events) == 2


def test_outputs_tags_and_hints(metrics, registry):
    """Everything that is published is counted by topic, tags and hints by level too."""
    commit(metrics, turn(tag(), tag(channel=ChannelClass.CHAT), hint(), changes={b"c1": None}))
    assert value(registry, "tocsin_outputs_total", topic="complaints.tagged") == 2
    assert value(registry, "tocsin_tagged_total", channel_class="chat", level="explicit") == 1
    assert value(registry, "tocsin_hints_total", level="explicit") == 1
    assert value(registry, "tocsin_changed_rows_total", stage="conversations") == 1
    assert value(registry, "tocsin_turns_total", stage="conversations", partition="3") == 1
    assert value(registry, "tocsin_decide_seconds_sum", stage="conversations") == pytest.approx(0.002)


def test_delay_from_event_and_from_record(metrics, registry):
    """The source's own delay is in one histogram and not in the other."""
    commit(metrics, turn(alert(occurred_at=NOON_MS - 2_000)), late_ms=40)
    assert value(registry, "tocsin_alert_latency_seconds_sum", channel_class="voice") == pytest.approx(2.04)
    assert value(registry, "tocsin_alert_pipeline_latency_seconds_sum", level="explicit") == pytest.approx(0.04)
    bucket = {"level": "explicit", "le": "0.05"}
    assert value(registry, "tocsin_alert_pipeline_latency_seconds_bucket", **bucket) == 1


def test_a_sender_ahead_of_our_clock_is_not_negative(metrics, registry):
    """A delay below zero would make the histogram's sum a lie."""
    commit(metrics, turn(alert(occurred_at=NOON_MS + 60_000, emitted_at=NOON_MS + 60_000)))
    assert value(registry, "tocsin_alert_latency_seconds_sum", channel_class="voice") == 0
    assert value(registry, "tocsin_alert_pipeline_latency_seconds_count", level="explicit") == 1


def test_freshness_never_goes_back(metrics, registry):
    """Partitions of a topic do not run level; the newest record of all of them counts."""
    name, label = "tocsin_source_last_event_timestamp_seconds", {"topic": "calls.utterances"}
    assert value(registry, name, **label) is None  # zero would be 1970, and the source would count as silent
    commit(metrics, turn(), newest_ms={"calls.utterances": NOON_MS})
    commit(metrics, turn(), newest_ms={"calls.utterances": NOON_MS - 5_000})
    assert value(registry, name, **label) == NOON_MS / 1000
    assert value(registry, "tocsin_event_delay_seconds_count", **label) == 2


def test_a_source_whose_clock_runs_ahead_is_silent_in_time(metrics, registry):
    """A record of tomorrow counts as of now: nobody waits a day to be told that no other came."""
    name, label = "tocsin_source_last_event_timestamp_seconds", {"topic": "calls.utterances"}
    commit(metrics, turn(), newest_ms={"calls.utterances": NOON_MS + 86_400_000}, late_ms=40)
    assert value(registry, name, **label) == (NOON_MS + 40) / 1000
    commit(metrics, turn(), newest_ms={"calls.utterances": NOON_MS + 1_000}, late_ms=2_000)
    assert value(registry, name, **label) == (NOON_MS + 1_000) / 1000
    assert value(registry, "tocsin_event_delay_seconds_sum", **label) == pytest.approx(1.0)


def test_transactions(metrics, registry):
    """How long one took, and over how many records."""
    metrics.transaction(0.03, 500)
    assert value(registry, "tocsin_transaction_seconds_count") == 1
    assert value(registry, "tocsin_transaction_records_sum") == 500


def test_recovery(metrics, registry):
    """Rows and time of a take-over."""
    metrics.recovered("conversations", 3, rows=1_000_000, seconds=8.5)
    assert value(registry, "tocsin_recovered_rows_total", stage="conversations", partition="3") == 1_000_000
    assert value(registry, "tocsin_recovery_seconds_bucket", stage="conversations", le="10.0") == 1


def test_topics_that_become_hot_by_kind(metrics, registry):
    """What was hot before does not count again; a kind that nobody knows is `other`."""
    found = [("category:exchange", True), ("category:refund", True), ("product:sku-1", False), ("weather:rain", True)]
    hot = HotTickets(
        desk="default",
        window_start=NOON_MS,
        window_s=3600,
        tickets=9,
        topics=tuple(
            HotTopic(topic=topic, tickets=5, customers=3, usual_share=0, rise=2, score=3, is_new=is_new)
            for topic, is_new in found
        ),
    )
    commit(metrics, turn(Output(topics.HOT, b"default", hot)))
    counted = {
        kind: registry.get_sample_value("tocsin_hot_topics_total", {"kind": kind})
        for kind in ("category", "product", "reason", "other")
    }
    assert counted == {"category": 2, "product": 0, "reason": 0, "other": 1}


def test_a_calendar_is_known_to_the_end_of_its_last_day(metrics, registry):
    """The gauge is the midnight after it, UTC."""
    metrics.calendars_known({"office": date(2026, 12, 31)})
    value = registry.get_sample_value("tocsin_calendar_known_until_timestamp_seconds", {"calendar": "office"})
    assert value == datetime(2027, 1, 1, tzinfo=UTC).timestamp()


def test_the_first_finding_of_a_check_counts_in_a_rate(metrics, registry):
    """A series that begins with one has not risen."""
    metrics.checks_known({"greeting": Severity.MINOR})
    labels = {"check": "greeting", "severity": "minor"}
    assert registry.get_sample_value("tocsin_quality_findings_total", labels) == 0


def test_known_series_start_at_zero(metrics, registry):
    """Zero is a value: no alert is not the same as no knowledge."""
    levels = (Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK)
    for region, level, reason in product(REGIONS, levels, ReasonGroup):
        assert value(registry, "tocsin_alerts_total", region=region, level=level, reason=reason) == 0
    for topic, category in product(("calls.utterances", "chats.messages"), Category):
        assert value(registry, "tocsin_dead_letters_total", topic=topic, category=category) == 0


def test_gauges_show_owned_partitions_only(metrics, registry):
    """What was given up disappears from the page at the next scrape."""
    view = PartitionView(
        partition=3,
        ready=True,
        rows={"conversations": 12},
        rows_bytes={"conversations": 900},
        lag={"calls.utterances": 7},
        clock_ms=NOON_MS,
        last_progress_age_seconds=1.5,
    )
    owned = [view, PartitionView(partition=4, ready=False, recovering_seconds=2.0)]
    metrics.collected(PartitionCollector(lambda: owned))
    assert value(registry, "tocsin_store_rows", stage="conversations", partition="3") == 12
    assert value(registry, "tocsin_store_bytes", stage="conversations", partition="3") == 900
    assert value(registry, "tocsin_consumer_lag_records", topic="calls.utterances", partition="3") == 7
    assert value(registry, "tocsin_partition_clock_timestamp_seconds", partition="3") == NOON_MS / 1000
    assert value(registry, "tocsin_partition_progress_age_seconds", partition="3") == 1.5
    assert value(registry, "tocsin_partition_ready", partition="4") == 0
    assert value(registry, "tocsin_partition_recovering_seconds", partition="4") == 2
    owned.pop(0)
    assert value(registry, "tocsin_partition_ready", partition="3") is None


def test_registering_asks_nobody(metrics):
    """Gauges are read when somebody scrapes, not when the worker is put together."""

    def ask():
        raise AssertionError("asked")

    metrics.collected(PartitionCollector(ask))


def test_series_stay_within_the_budget(metrics, registry):
    """A worker with 32 partitions and two stages stays far below ten thousand series."""
    stages = {"conversations": 1, "regions": 1}
    lag = {topic.name: 0 for topic in topics.ALL}
    views = [PartitionView(number, ready=True, rows=stages, rows_bytes=stages, lag=lag) for number in range(32)]
    metrics.collected(PartitionCollector(lambda: views))
    assert sum(len(family.samples) for family in registry.collect()) < SERIES_BUDGET_COUNT / 2


def test_names_follow_the_conventions(metrics, registry):
    """One prefix, base units, `_total` on counters and nowhere else, no colons; help is a sentence."""
    metrics.collected(PartitionCollector(lambda: ()))
    for family in registry.collect():
        assert family.name.startswith(("tocsin_", "process_"))
        assert family.documentation.endswith(".")
        assert ":" not in family.name
        assert not family.name.endswith(("_ms", "_milliseconds", "_percent", "_total"))


def test_the_page_is_read_back(metrics, registry):
    """The text format holds what the registry holds."""
    commit(metrics, turn(alert()))
    families = {family.name for family in text_string_to_metric_families(generate_latest(registry).decode())}
    assert {"tocsin_events", "tocsin_alerts", "tocsin_alert_pipeline_latency_seconds"} <= families
    assert not {name for name in families if name.endswith("_created")}


def test_what_is_taken_back_is_earned_again_first(metrics, registry):
    """A correction of a figure is negative, and a counter never falls: no worker ends over it, and no case is lost."""
    seen = []
    for total in (5_000, -3_000, 1_000, 4_000):
        tally = KpiTally(
            tally_id="t",
            subject="region:440000",
            hour_start=NOON_MS,
            measures={Kpi.CSAT: Measure(n=1, total=total)},
            emitted_at=NOON_MS,
        )
        commit(metrics, turn(Output(topics.KPI_TALLIES, b"k", tally)))
        seen.append(value(registry, "tocsin_figure_sum_total", figure=Kpi.CSAT, region="440000"))
    assert seen == [5.0, 5.0, 5.0, 7.0]
    assert value(registry, "tocsin_figure_cases_total", figure=Kpi.CSAT, region="440000") == 4

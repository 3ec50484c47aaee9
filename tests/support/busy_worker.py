"""A worker that only looks busy: every metric has been touched, no Kafka runs. For panels, rules and scrapes."""

from datetime import date

from prometheus_client import CollectorRegistry

from agents.engine.observer import Committed
from agents.metrics import Metrics
from agents.metrics.collector import PartitionCollector, ProbeCollector
from agents.metrics.regions import RegionCollector
from agents.metrics.rules import RulesCollector
from agents.ops.health import HealthState
from agents.ops.views import PartitionView
from pipeline.kpis.measure import duration, score, share, sum_of
from pipeline.regions.state import RegionRow, Window, window_at
from pipeline.stage import Effects, Output, Stage
from pipeline.times import HOUR_MS
from schemas import topics
from schemas.deadletters import DeadLetter
from schemas.kpis import DURATIONS, Kpi, KpiTally
from schemas.quality import Point, PointState, ReviewState
from schemas.rules import RulesState, ShadowCount
from schemas.vocabulary import ChannelClass, Level
from tests.support.service_outputs import finding, handover, review, summary
from tests.support.turns import NOON_MS, alert, hint, refusal, tag, turn


def _nothing(_batch, _rows):
    return Effects()


STAGES = (
    Stage("conversations", (topics.UTTERANCES, topics.MESSAGES, topics.TICKS), DeadLetter, (topics.ALERTS,), _nothing),
    Stage("regions", (topics.ALERTS, topics.TICKS), DeadLetter, (topics.WINDOWS,), _nothing),
)
VIEWS = (
    PartitionView(
        partition=0,
        ready=True,
        rows={"conversations": 1_200, "regions": 35},
        rows_bytes={"conversations": 400_000, "regions": 9_000},
        lag={"calls.utterances": 7, "chats.messages": 0},
        rules=(
            RulesState(
                partition=0,
                live="r1",
                at=NOON_MS,
                shadow="r2",
                counted=ShadowCount(texts=9, levels={"none/none": 8, "none/potential": 1}),
            ),
        ),
        clock_ms=NOON_MS,
        last_progress_age_seconds=0.3,
    ),
    PartitionView(partition=1, ready=False, recovering_seconds=2.5, lag={"calls.utterances": 90}),
)
AN_HOUR_AGO = window_at("440000", ChannelClass.VOICE, HOUR_MS, NOON_MS - HOUR_MS)
ROWS = {AN_HOUR_AGO.key: RegionRow(window=Window(alerts={Level.EXPLICIT: 3}))}
STATE = HealthState(
    configured=True,
    connected=True,
    loop_age_seconds=0.2,
    watchdog_alive=True,
    assigned=True,
    partitions=VIEWS,
    rules_version="r1",
    topic_problems=(),
)


def busy_worker() -> Metrics:
    """The metrics of a worker that owns two partitions and has seen a bit of everything."""
    metrics = Metrics(CollectorRegistry())
    for stage in STAGES:
        metrics.stage_started(stage)
    metrics.collected(
        PartitionCollector(lambda: VIEWS),
        RulesCollector(lambda: VIEWS),
        RegionCollector(lambda: [ROWS.get], now_ms=lambda: NOON_MS),
        ProbeCollector(lambda: STATE),
    )
    metrics.model_loaded("m1")
    metrics.calendars_known({"office": date(2026, 12, 31)})
    metrics.partitions_known(4)
    metrics.recovered("conversations", 0, rows=1_200, seconds=0.4)
    metrics.transaction(0.02, 500)
    work(metrics)
    return metrics


def told_figures(at_ms: int) -> Output:
    """Every figure of Guangdong has had a case."""
    measures = {str(kpi): duration(60_000) if kpi in DURATIONS else share(1, 2) for kpi in Kpi}
    measures |= {Kpi.NPS: sum_of([score(1000, 9), score(-1000, 2)]), Kpi.SENTIMENT: score(-1000, -1)}
    tally = KpiTally(tally_id="t", subject="region:440000", hour_start=at_ms, measures=measures, emitted_at=at_ms)
    return Output(topics.KPI_TALLIES, b"region:440000", tally)


def work(metrics: Metrics, *, at_ms: int = NOON_MS) -> None:
    """One turn of everything: tags, alerts of all levels, a hint, service quality, a hand-over, dead letters."""
    raised = (Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK)
    seven = dict.fromkeys(Point, PointState.KEPT)
    service = [finding(), summary(seven), summary(seven | {Point.APOLOGISE: PointState.MISSED}), handover()]
    reviews = [review(state) for state in ReviewState]
    outputs = [
        told_figures(at_ms),
        tag(),
        hint(),
        *service,
        *reviews,
        *(alert(level=level, occurred_at=at_ms, emitted_at=at_ms) for level in raised),
    ]
    metrics.turn_committed(
        Committed(
            stage="conversations",
            partition=0,
            turn=turn(*outputs, refusals=[refusal()], changes={b"c1": None}),
            records={"calls.utterances": 500, "chats.messages": 20},
            newest_ms={"calls.utterances": at_ms, "chats.messages": at_ms},
            decide_seconds=0.004,
            committed_at_ms=at_ms + 60,
        )
    )

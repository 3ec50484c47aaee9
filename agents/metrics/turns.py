"""What a committed turn adds to the counters, as plain sums: read once over its outputs, no metric touched.

Summing first keeps the hot path short: a turn of thousands of records touches each series once.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from agents.metrics.figures import counted
from agents.metrics.labels import NONE, REGION_VALUES, known
from pipeline.places.provinces import UNKNOWN
from pipeline.stage import Output, Turn
from pipeline.surge.judge import Change
from schemas.alerts import Alert
from schemas.base import Wire
from schemas.desks import HotTickets
from schemas.handovers import BotHandover
from schemas.hints import Hint
from schemas.kpis import KpiTally
from schemas.promises import Promise, PromiseState
from schemas.quality import FindingState, ServiceFinding, ServiceReview, ServiceSummary
from schemas.tagged import Tag
from schemas.vocabulary import RISES, AlertKind, ReasonGroup

_OF_FIGURES = frozenset({AlertKind.RATE, AlertKind.NO_DATA, AlertKind.SCORE_FALL})


class Delay(NamedTuple):
    """How late one alert was, in seconds, when it was committed."""

    level: str
    channel_class: str
    since_event: float
    since_record: float
    alert_id: str


class Sums(NamedTuple):
    """Occurrences in one turn, by the labels of the family that they go to."""

    outputs: Counter[str]
    dead_letters: Counter[tuple[str, str]]
    tagged: Counter[tuple[str, str]]
    alerts: Counter[tuple[str, str, str]]
    alert_kinds: Counter[tuple[str, str, str]]
    hints: Counter[str]
    findings: Counter[tuple[str, str]]
    points: Counter[tuple[str, str]]
    reviews: Counter[str]
    handovers: Counter[str]
    hot_topics: Counter[str]
    figure_cases: defaultdict[tuple[str, str], float]
    figure_sums: defaultdict[tuple[str, str], float]
    promises: Counter[tuple[str, str]]
    delays: Sequence[Delay]


def summarize(turn: Turn[Any], *, committed_at_ms: int) -> Sums:
    """Sum up what one turn published and refused."""
    delays: list[Delay] = []
    figures: list[defaultdict[tuple[str, str], float]] = [defaultdict(float), defaultdict(float)]
    sums = Sums._make([*(Counter[Any]() for _ in Sums._fields[:-3]), *figures, delays])
    for refusal in turn.refusals:
        sums.dead_letters[refusal.topic, refusal.category] += 1
    for output in turn.outputs:
        sums.outputs[output.topic.name] += 1
        _add(sums, output, delays, committed_at_ms)
    return sums


def _add(sums: Sums, output: Output, delays: list[Delay], committed_at_ms: int) -> None:
    if getattr(output.value, "test", ""):  # a drill: nobody complained, nobody was slow
        return
    match output.value:
        case Tag() as tag:
            sums.tagged[tag.channel, tag.level] += 1
        case Alert() as alert:
            _add_alert(sums, alert, delays, committed_at_ms)
        case Hint() as hint:
            sums.hints[hint.level] += 1
        case value:
            _add_service(sums, value)


def _add_alert(sums: Sums, alert: Alert, delays: list[Delay], committed_at_ms: int) -> None:
    if alert.kind not in RISES and Change.RESOLVED in alert.tags[:1]:  # it is over: no second complaint
        return
    level, channel_class = alert.level or NONE, alert.channel or NONE
    if not (alert.kind in _OF_FIGURES and alert.region == UNKNOWN):  # of a product: no region is missing from it
        sums.alerts[known(alert.region, REGION_VALUES), level, leading_reason(alert)] += 1
    sums.alert_kinds[alert.kind, channel_class, level] += 1
    if alert.sla is None and alert.promise is None:  # a deadline is no event that took time to arrive
        delays.append(_delay(alert, level, channel_class, committed_at_ms))


def _add_service(sums: Sums, value: Wire | None) -> None:
    """What agents, bots and desks did."""
    match value:
        case ServiceFinding() as finding if finding.state is FindingState.OPEN:
            sums.findings[finding.check, finding.severity] += 1
        case ServiceSummary() as summary if summary.revision == 1:
            for point, state in summary.points.items():
                sums.points[point, state] += 1
        case BotHandover() as handover:
            sums.handovers[handover.urgency] += 1
        case ServiceReview() as review:
            sums.reviews[review.state] += 1
        case KpiTally() as tally:
            for each in counted(tally):
                sums.figure_cases[each.figure, each.region] += each.cases
                sums.figure_sums[each.figure, each.region] += each.sum
        case Promise() as promise:
            _add_promise(sums, promise)
        case HotTickets() as hot:
            sums.hot_topics.update(each.topic.partition(":")[0] for each in hot.topics if each.is_new)


def _add_promise(sums: Sums, promise: Promise) -> None:
    """Count a promise when it is made and when it is over; one that is done after all was over before."""
    is_over = promise.state is not PromiseState.OPEN and promise.done_at is None
    if promise.version == 1 or is_over:
        sums.promises[promise.kind, promise.state] += 1


def leading_reason(alert: Alert) -> str:
    """The first level of the alert's first reason; `other` where it names none."""
    return alert.reasons[0].l1 if alert.reasons else ReasonGroup.OTHER


def _delay(alert: Alert, level: str, channel_class: str, committed_at_ms: int) -> Delay:
    # A sender's clock may run ahead of ours; a negative delay would make the histogram's sum a lie.
    return Delay(
        level=level,
        channel_class=channel_class,
        since_event=max(committed_at_ms - alert.occurred_at, 0) / 1000,
        since_record=max(committed_at_ms - alert.emitted_at, 0) / 1000,
        alert_id=alert.alert_id,
    )

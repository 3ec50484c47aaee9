"""An alert about a figure or a silent channel, as it is published."""

from typing import NamedTuple

from pipeline.conversation.ids import fingerprint, record_id
from pipeline.kpis.measure import mean
from pipeline.kpis.rates import Grade
from pipeline.places.provinces import UNKNOWN
from pipeline.stage import Output
from pipeline.surge.judge import Change
from schemas.alerts import Alert
from schemas.kpis import Measure
from schemas.topics import ALERTS
from schemas.vocabulary import AlertKind, ChannelClass, Level

FIGURE_TAG = "kpi:"  # before the name of the figure that an alert is about
_CHANNELS = frozenset(ChannelClass)
_DECIMALS = 4
_LEVELS = {Grade.CALM: Level.NONE, Grade.WARN: Level.POTENTIAL, Grade.ALARM: Level.EXPLICIT}


class Told(NamedTuple):
    """What has changed."""

    kind: AlertKind
    subject: str
    name: str  # of the figure, or `contacts.voice`
    change: Change
    stood: Grade  # before
    found: Grade
    since_ms: int
    measured: Measure
    usual: float | None


def tell(told: Told, *, now_ms: int) -> Output:
    """All changes of one matter share their fingerprint; a warning is `potential`, an alarm `explicit`.

    What resolves keeps the level it had: it is no graver than it was.
    """
    group, _, name = told.subject.partition(":")
    region = name if group == "region" else UNKNOWN
    matter = f"{told.name}:{told.subject}"
    channel = told.name.rpartition(".")[2]
    value = mean(told.measured)
    alert = Alert(
        alert_id=record_id(told.kind, matter, f"{told.since_ms}:{told.change}:{now_ms}"),
        kind=told.kind,
        region=region,
        fingerprint=fingerprint(told.kind, matter),
        occurred_at=now_ms,
        emitted_at=now_ms,
        level=_LEVELS[told.stood if told.change is Change.RESOLVED else told.found],
        previous_level=_LEVELS[told.stood],
        tags=(told.change, f"{FIGURE_TAG}{told.name}", told.subject),
        channel=_channel(told.kind, channel),
        product=name if group == "product" else "",
        count=told.measured.n,
        value=None if value is None else round(value, _DECIMALS),
        baseline=None if told.usual is None else round(told.usual, _DECIMALS),
    )
    return Output(ALERTS, region.encode(), alert)


def _channel(kind: AlertKind, name: str) -> ChannelClass | None:
    if kind is AlertKind.SCORE_FALL:
        return ChannelClass.FEEDBACK
    return ChannelClass(name) if name in _CHANNELS else None

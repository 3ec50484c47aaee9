"""One batch of tallies or ticks: counts go into the hours of their subjects, and once a minute what changed is told."""

from msgspec.structs import replace

from pipeline.kpis.alerts import CONTACTS, judge
from pipeline.kpis.measure import added
from pipeline.kpis.state import ALLOWED_LATENESS_MS, Hour, KpiRow, Standing, hour_key, standing_key
from pipeline.stage import Batch, Effects, Output, Rows
from pipeline.times import HOUR_MS, MINUTE_MS
from pipeline.wakes import woken
from schemas.kpis import KpiHour, KpiTally
from schemas.topics import KPI_HOURS, TICKS


def fold(batch: Batch, rows: Rows[KpiRow], *, trade_rate: float | None = None) -> Effects[KpiRow]:
    """Fold tallies into hours, ticks into snapshots and alerts. Changes nothing: rows and outputs are returned.

    `trade_rate` is the mean share of complaining customers in the trade, where the operator knows it.
    """
    effects: Effects[KpiRow] = Effects()
    if batch.topic is TICKS:
        for tick in batch.events:
            _tell(tick.now_ms, rows, effects, trade_rate)
        return effects
    for tally in batch.events:
        _add(tally, rows, effects)
    return effects


def _add(tally: KpiTally, rows: Rows[KpiRow], effects: Effects[KpiRow]) -> None:
    key = hour_key(tally.subject, tally.hour_start)
    row = effects.newest(key, rows) or KpiRow()
    hour = row.hour or Hour(tally.subject, tally.hour_start, {})
    soon_ms = (tally.emitted_at // MINUTE_MS + 1) * MINUTE_MS
    effects.changes[key] = KpiRow(
        hour=replace(hour, measures=added(hour.measures, tally.measures)),
        wake_at_ms=min(row.wake_at_ms, soon_ms) if row.wake_at_ms else soon_ms,
    )
    channels = [name for name in tally.measures if name.startswith(CONTACTS)]
    if channels:
        _hear(tally, channels, rows, effects)


def _hear(tally: KpiTally, channels: list[str], rows: Rows[KpiRow], effects: Effects[KpiRow]) -> None:
    """Note when a channel was last told of; judged for the first time within the minute, by the hour's own wake.

    A partition that catches up tells of earlier moments than the others: what was heard since stays heard.
    """
    key = standing_key(tally.subject)
    row = effects.newest(key, rows) or KpiRow()
    standing = row.standing or Standing(tally.subject)
    heard_ms = dict(standing.heard_ms)
    for channel in channels:
        heard_ms[channel] = max(heard_ms.get(channel, 0), tally.emitted_at)
    effects.changes[key] = KpiRow(standing=replace(standing, heard_ms=heard_ms), wake_at_ms=row.wake_at_ms)


def _tell(now_ms: int, rows: Rows[KpiRow], effects: Effects[KpiRow], trade_rate: float | None) -> None:
    """Publish the hours that changed or are over, then look at their subjects and at those that want to be."""
    subjects: dict[str, None] = {}
    for key, row in woken(rows.due(now_ms), effects.changes, lambda key: effects.newest(key, rows), now_ms=now_ms):
        if row.hour is not None:
            subjects[row.hour.subject] = None
            effects.changes[key] = _published(row.hour, effects, now_ms=now_ms)
        elif row.standing is not None:
            subjects[row.standing.subject] = None
    for subject in subjects:
        judge(subject, rows, effects, trade_rate=trade_rate, now_ms=now_ms)


def _published(hour: Hour, effects: Effects[KpiRow], *, now_ms: int) -> KpiRow:
    closes_at_ms = hour.start_ms + HOUR_MS + ALLOWED_LATENESS_MS
    hour = replace(hour, version=hour.version + 1, is_closed=now_ms >= closes_at_ms)
    snapshot = KpiHour(
        subject=hour.subject,
        hour_start=hour.start_ms,
        version=hour.version,
        measures=dict(sorted(hour.measures.items())),
        is_closed=hour.is_closed,
        emitted_at=now_ms,
    )
    effects.outputs.append(Output(KPI_HOURS, hour.subject.encode(), snapshot))
    return KpiRow(hour=hour, wake_at_ms=0 if hour.is_closed else closes_at_ms)

"""What stands against a subject: alerts on its figures open, and resolve, as its hours come in."""

from msgspec.structs import replace

from pipeline.conversation.ids import fingerprint, record_id
from pipeline.kpis.falling import WORTH_TELLING, has_fallen, has_recovered
from pipeline.kpis.measure import NOTHING, mean, sum_of
from pipeline.kpis.state import BEFORE_HOURS, HOUR_MS, NOW_HOURS, KpiRow, Standing, hour_key, standing_key
from pipeline.places.provinces import UNKNOWN
from pipeline.stage import Effects, Output, Rows
from pipeline.surge.judge import Change
from schemas.alerts import Alert
from schemas.kpis import Kpi, Measure
from schemas.topics import ALERTS
from schemas.vocabulary import AlertKind, ChannelClass, Level


def judge(subject: str, rows: Rows[KpiRow], effects: Effects[KpiRow], *, now_ms: int) -> None:
    """Look at the scores of one subject."""
    hours = _Hours(subject, rows, effects)
    key = standing_key(subject)
    row = hours.row(key)
    known = (row.standing if row is not None else None) or Standing(subject)
    hour_ms = now_ms // HOUR_MS * HOUR_MS
    first_ms = hour_ms - (NOW_HOURS - 1) * HOUR_MS
    standing = known
    if known.hour_start_ms != hour_ms:  # 168 rows: once an hour is enough
        before = hours.sums(first_ms - BEFORE_HOURS * HOUR_MS, first_ms)
        standing = replace(known, hour_start_ms=hour_ms, before=before)
    now = hours.sums(first_ms, hour_ms + HOUR_MS)
    for kpi in WORTH_TELLING:
        standing = _look(standing, kpi, now.get(kpi, NOTHING), effects, now_ms=now_ms)
    if standing != known:
        wake_at_ms = hour_ms + HOUR_MS if standing.open_since_ms else 0
        effects.changes[key] = KpiRow(standing=standing, wake_at_ms=wake_at_ms)


def _look(standing: Standing, kpi: Kpi, now: Measure, effects: Effects[KpiRow], *, now_ms: int) -> Standing:
    before = standing.before.get(kpi, NOTHING)
    since_ms = standing.open_since_ms.get(kpi)
    if since_ms is None and has_fallen(kpi, now, before):
        since_ms, change = now_ms, Change.OPENED
        is_open = {**standing.open_since_ms, kpi: now_ms}
    elif since_ms is not None and has_recovered(kpi, now, before):
        change = Change.RESOLVED
        is_open = {name: at_ms for name, at_ms in standing.open_since_ms.items() if name != kpi}
    else:
        return standing
    effects.outputs.append(_told(standing.subject, kpi, change, now, before, since_ms=since_ms, now_ms=now_ms))
    return replace(standing, open_since_ms=is_open)


def _told(
    subject: str, kpi: Kpi, change: Change, now: Measure, before: Measure, *, since_ms: int, now_ms: int
) -> Output:
    kind, _, name = subject.partition(":")
    region = name if kind == "region" else UNKNOWN
    value, usually = mean(now), mean(before)
    alert = Alert(
        alert_id=record_id(AlertKind.SCORE_FALL, f"{kpi}:{subject}", f"{since_ms}:{change}"),
        kind=AlertKind.SCORE_FALL,
        region=region,
        fingerprint=fingerprint(AlertKind.SCORE_FALL, f"{kpi}:{subject}"),
        occurred_at=now_ms,
        emitted_at=now_ms,
        level=Level.EXPLICIT,
        previous_level=Level.NONE if change is Change.OPENED else Level.EXPLICIT,
        tags=(change, f"kpi:{kpi}", subject),
        channel=ChannelClass.FEEDBACK,
        product=name if kind == "product" else "",
        count=now.n,
        value=None if value is None else round(value, 3),
        baseline=None if usually is None else round(usually, 3),
    )
    return Output(ALERTS, region.encode(), alert)


class _Hours:
    """The hours of one subject as they are in this turn."""

    def __init__(self, subject: str, rows: Rows[KpiRow], effects: Effects[KpiRow]) -> None:
        self._subject = subject
        self._rows = rows
        self._effects = effects

    def row(self, key: bytes) -> KpiRow | None:
        """A row, as changed in this turn or as committed."""
        return self._effects.newest(key, self._rows)

    def sums(self, first_ms: int, end_ms: int) -> dict[str, Measure]:
        """What the scores came to in some hours."""
        found: dict[str, list[Measure]] = {}
        for start_ms in range(first_ms, end_ms, HOUR_MS):
            row = self.row(hour_key(self._subject, start_ms))
            if row is None or row.hour is None:
                continue
            for kpi in WORTH_TELLING:
                measure = row.hour.measures.get(kpi)
                if measure is not None:
                    found.setdefault(kpi, []).append(measure)
        return {kpi: sum_of(measures) for kpi, measures in found.items()}

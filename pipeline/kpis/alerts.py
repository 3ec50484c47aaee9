"""What stands against a subject: scores that fell, rates that are too high, channels that are silent.

Alerts open, get worse and resolve as hours come in, or as nothing comes in.
"""

from collections.abc import Collection

from msgspec.structs import replace

from pipeline.kpis.falling import WORTH_TELLING, has_fallen, has_recovered
from pipeline.kpis.hours import Hours
from pipeline.kpis.measure import NOTHING
from pipeline.kpis.rates import SPAN_HOURS, Grade, grade, usual_rate
from pipeline.kpis.silence import DAYS, HOURS_BACK, is_silent, surely_usual
from pipeline.kpis.state import (
    BEFORE_HOURS,
    DAY_HOURS,
    LOOK_EVERY_MS,
    KpiRow,
    Open,
    Standing,
    standing_key,
)
from pipeline.kpis.told import Told, tell
from pipeline.stage import Effects, Rows
from pipeline.surge.judge import Change
from pipeline.times import DAY_MS, HOUR_MS
from schemas.kpis import Kpi, Measure
from schemas.vocabulary import AlertKind

CONTACTS = "contacts."  # and a channel
_COMPARED = frozenset({*WORTH_TELLING, *SPAN_HOURS})


def judge(subject: str, rows: Rows[KpiRow], effects: Effects[KpiRow], *, trade_rate: float | None, now_ms: int) -> None:
    """Look at one subject."""
    hours = Hours(subject, rows, effects)
    key = standing_key(subject)
    row = hours.row(key)
    known = (row.standing if row is not None else None) or Standing(subject)
    look = _Look(_remembering(known, hours, now_ms=now_ms), effects, now_ms)
    hour_ms = now_ms // HOUR_MS * HOUR_MS
    day = hours.span(hour_ms - (DAY_HOURS - 1) * HOUR_MS, hour_ms + HOUR_MS, _COMPARED.__contains__)
    for kpi in WORTH_TELLING:
        look.at_score(kpi, day.get(kpi, NOTHING))
    for kpi, span in SPAN_HOURS.items():
        if kpi in day or kpi in look.standing.alerts:
            recent = hours.span(hour_ms - (span - 1) * HOUR_MS, hour_ms + HOUR_MS, kpi.__eq__)
            trade = trade_rate if kpi is Kpi.COMPLAINT_RATE_A else None
            look.at_rate(kpi, recent.get(kpi, NOTHING), trade)
    for channel in look.standing.heard_ms:
        look.at_silence(channel)
    standing = look.standing
    watched = standing.alerts or standing.heard_ms
    effects.changes[key] = KpiRow(standing=standing, wake_at_ms=now_ms + LOOK_EVERY_MS if watched else 0)


def _remembering(known: Standing, hours: Hours, *, now_ms: int) -> Standing:
    """The standing with what its figures are compared with: 175 rows, so once an hour."""
    hour_ms = now_ms // HOUR_MS * HOUR_MS
    if known.hour_start_ms == hour_ms:
        return known
    first_ms = hour_ms - (DAY_HOURS - 1) * HOUR_MS
    return replace(
        known,
        hour_start_ms=hour_ms,
        before=hours.span(first_ms - BEFORE_HOURS * HOUR_MS, first_ms, _COMPARED.__contains__),
        usual=_usual_contacts(known.heard_ms, hours, hour_ms),
    )


def _usual_contacts(channels: Collection[str], hours: Hours, hour_ms: int) -> dict[str, tuple[int, ...]]:
    """What each channel surely had in seven days, at the hours before this one and at this one."""
    if not channels:
        return {}
    around = range(hour_ms - (HOURS_BACK + 1) * HOUR_MS, hour_ms + 2 * HOUR_MS, HOUR_MS)
    found = [_contacts_at(start_ms, hours) for start_ms in around]
    return {name: surely_usual([each.get(name, 0) for each in found]) for name in channels}


def _contacts_at(hour_ms: int, hours: Hours) -> dict[str, int]:
    """Contacts at an hour of the last seven days; a week ago has to have some: not every channel works on Sundays."""
    same_hour = range(hour_ms - DAYS * DAY_MS, hour_ms, DAY_MS)
    week_ago = hours.sums(same_hour[:1], _is_contacts)
    return {name: measure.n for name, measure in hours.sums(same_hour, week_ago.__contains__).items()}


def _is_contacts(name: str) -> bool:
    return name.startswith(CONTACTS)


class _Look:
    """One look at a subject."""

    def __init__(self, standing: Standing, effects: Effects[KpiRow], now_ms: int) -> None:
        self.standing = standing
        self._effects = effects
        self._now_ms = now_ms

    def at_score(self, kpi: Kpi, now: Measure) -> None:
        """Whether a score has fallen, or is back."""
        before = self.standing.before.get(kpi, NOTHING)
        is_open = kpi in self.standing.alerts
        if not is_open and has_fallen(kpi, now, before):
            self._move(AlertKind.SCORE_FALL, kpi, Grade.ALARM, now, _mean(before))
        elif is_open and has_recovered(kpi, now, before):
            self._move(AlertKind.SCORE_FALL, kpi, Grade.CALM, now, _mean(before))

    def at_rate(self, kpi: Kpi, now: Measure, trade: float | None) -> None:
        """Whether a rate is too high, or calm again."""
        usual = usual_rate(self.standing.before.get(kpi, NOTHING), trade)
        known = self.standing.alerts.get(kpi)
        stands = Grade(known.grade) if known is not None else Grade.CALM
        found = grade(now, usual, stands)
        if found is not stands:
            self._move(AlertKind.RATE, kpi, found, now, usual)

    def at_silence(self, channel: str) -> None:
        """Whether a channel has fallen silent, or is heard again."""
        heard_ms = self.standing.heard_ms[channel]
        is_open = channel in self.standing.alerts
        if not is_open and is_silent(heard_ms, self.standing.usual.get(channel, ()), now_ms=self._now_ms):
            self._move(AlertKind.NO_DATA, channel, Grade.ALARM, NOTHING, None)
        elif is_open and self._now_ms - heard_ms < LOOK_EVERY_MS:
            self._move(AlertKind.NO_DATA, channel, Grade.CALM, NOTHING, None)

    def _move(self, kind: AlertKind, name: str, found: Grade, now: Measure, usual: float | None) -> None:
        """Open an alert, tell that it is worse, or resolve it."""
        known = self.standing.alerts.get(name)
        alerts = {each: stands for each, stands in self.standing.alerts.items() if each != name}
        since_ms = self._now_ms if known is None else known.since_ms
        if found is not Grade.CALM:
            alerts[name] = Open(since_ms, int(found))
            change = Change.OPENED if known is None else Change.GROWN
        else:
            change = Change.RESOLVED
        if known is None or found is Grade.CALM or found > known.grade:
            stood = Grade.CALM if known is None else Grade(known.grade)
            told = Told(kind, self.standing.subject, name, change, stood, found, since_ms, now, usual)
            self._effects.outputs.append(tell(told, now_ms=self._now_ms))
        self.standing = replace(self.standing, alerts=alerts)


def _mean(measure: Measure) -> float | None:
    return measure.total / 1000 / measure.n if measure.n else None

"""Figures on the board: the last 24 hours of a region, or of all, each with its n; what is too few is not shown."""

from collections.abc import Mapping

from msgspec import Struct

from agents.board.figure import FigureView, figure_of, rounded
from agents.board.hours import Hours, starts_of_day, summed
from agents.board.voice import VoiceView, voice_of
from pipeline.kpis.measure import mean
from pipeline.places.provinces import REGIONS
from pipeline.times import HOUR_MS
from schemas.kpis import Kpi, KpiHour, Measure

ALL = "all"

_TOPIC = "topic."
_TOPICS_SHOWN = 8
_SUBJECTS = {region: f"region:{region}" for region in REGIONS}
_PLACES = {subject: region for region, subject in _SUBJECTS.items()}


class TopicView(Struct, frozen=True):
    """A reason that comments of answers name, how often, and how they feel about it."""

    reason: str
    n: int
    feeling: float  # -1 to 1


class FiguresView(Struct, frozen=True):
    """What one place came to."""

    place: str
    until: int  # the end of the newest hour of which anything is known; 0 where nothing is
    figures: tuple[FigureView, ...]
    topics: tuple[TopicView, ...]
    voice: tuple[VoiceView, ...] = ()  # by touchpoint and product; of all regions together only


class Figures:
    """The newest version of every subject's hours of a day."""

    def __init__(self) -> None:
        self._hours = Hours()
        # Adding up all regions takes some 20 ms, and every open board asks for the same.
        self._views: dict[str, tuple[int, FiguresView]] = {}

    def take(self, hour: KpiHour) -> str | None:
        """Note an hour; the place whose figures it may change."""
        if hour.subject == ALL:  # the regions say the same
            return None
        place = _PLACES.get(hour.subject, ALL)
        if self._hours.take(hour):
            self._views.pop(place, None)
            self._views.pop(ALL, None)
        return place

    def forget(self, *, now_ms: int) -> None:
        """Let go what is older than a day."""
        self._hours.forget(now_ms=now_ms)

    def view(self, place: str, *, now_ms: int) -> FiguresView:
        """A region, or all of them together: measures add up."""
        hour = now_ms // HOUR_MS
        made = self._views.get(place)
        if made is None or made[0] != hour:
            made = self._views[place] = (hour, self._view(place, now_ms))
        return made[1]

    def _view(self, place: str, now_ms: int) -> FiguresView:
        starts = starts_of_day(now_ms)
        hours = self._hours.measures([*_SUBJECTS.values()] if place == ALL else [_SUBJECTS[place]], starts)
        day = summed(hours)
        newest = max((at for at, measures in zip(starts, hours, strict=True) if measures), default=None)
        return FiguresView(
            place=place,
            until=0 if newest is None else min(newest + HOUR_MS, now_ms),
            figures=tuple(figure_of(kpi, day, hours) for kpi in Kpi),
            topics=_topics(day),
            voice=voice_of(self._hours, starts) if place == ALL else (),
        )


def _topics(day: Mapping[str, Measure]) -> tuple[TopicView, ...]:
    named = [(name.removeprefix(_TOPIC), each) for name, each in day.items() if name.startswith(_TOPIC)]
    named.sort(key=lambda each: (-each[1].n, each[0]))
    return tuple(TopicView(name, each.n, rounded(mean(each)) or 0.0) for name, each in named[:_TOPICS_SHOWN])

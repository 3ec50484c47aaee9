"""Hot words on the board: of each place the newest last hour, and how often its terms were said in the hours before."""

from msgspec import Struct

from pipeline.hotwords.state import ALL
from pipeline.places.provinces import REGIONS
from pipeline.text.redact import redact
from pipeline.times import HOUR_MS
from schemas.hotwords import HotTerm, HotWords, HourOfWords
from schemas.vocabulary import ChannelClass, Level

HOURS = 24

_PLACES = frozenset((*REGIONS, ALL))


class ExampleView(Struct, frozen=True):
    """How a customer put it, masked."""

    text: str
    region: str
    channel: ChannelClass
    at: int


class TermView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One term of the last hour; counts are never too high."""

    term: str
    count: int
    customers: int  # counted up to 16
    is_hot: bool = False
    is_new: bool = False
    usual: float | None = None
    ratio: float | None = None
    level: Level = Level.NONE
    channels: tuple[ChannelClass, ...] = ()
    regions: tuple[str, ...] = ()
    examples: tuple[ExampleView, ...] = ()
    hours: tuple[int, ...] = ()  # of the 24 full hours before, the oldest first; empty where it was in none


class WordsView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last hour of a region, or of all."""

    place: str
    until: int = 0  # 0 where nothing is known of the place
    conversations: int = 0
    unread: int = 0
    missed: int = 0
    is_learning: bool = True
    terms: tuple[TermView, ...] = ()
    themes: tuple[tuple[str, ...], ...] = ()


class Words:
    """The newest record of each place, and the hours of a day."""

    def __init__(self) -> None:
        self._newest: dict[str, HotWords] = {}
        self._hours: dict[str, dict[int, HourOfWords]] = {}

    def take(self, words: HotWords) -> str:
        """Note a last hour; the place that it may change."""
        known = self._newest.get(words.place)
        if words.place in _PLACES and (known is None or words.version > known.version):
            self._newest[words.place] = words
        return words.place

    def take_hour(self, hour: HourOfWords) -> str:
        """Note an hour that is over; the place that it may change."""
        if hour.place in _PLACES:
            self._hours.setdefault(hour.place, {})[hour.hour_start] = hour
        return hour.place

    def view(self, place: str, *, now_ms: int) -> WordsView:
        """A place as it is now; what is older than two hours is not shown as the last one."""
        words = self._newest.get(place)
        if words is None or words.window_end < now_ms - 2 * HOUR_MS:
            return WordsView(place=place)
        return WordsView(
            place=place,
            until=words.window_end,
            conversations=words.conversations,
            unread=words.unread,
            missed=words.missed,
            is_learning=words.is_learning,
            terms=tuple(self._term(place, term, now_ms) for term in words.terms),
            themes=tuple(tuple(redact(term).text for term in theme.terms) for theme in words.themes),
        )

    def forget(self, *, now_ms: int) -> None:
        """Let go what is older than a day."""
        for hours in self._hours.values():
            for start_ms in [each for each in hours if each < now_ms - (HOURS + 1) * HOUR_MS]:
                del hours[start_ms]

    def _term(self, place: str, term: HotTerm, now_ms: int) -> TermView:
        return TermView(
            term=redact(term.term).text,
            count=term.count,
            customers=term.customers,
            is_hot=term.is_hot,
            is_new=term.is_new,
            usual=term.expected,
            ratio=term.ratio,
            level=term.level,
            channels=term.channels,
            regions=term.regions,
            examples=tuple(
                ExampleView(redact(each.text_masked).text, each.region, each.channel, each.occurred_at)
                for each in term.examples
            ),
            hours=self._history(place, term.term, now_ms),
        )

    def _history(self, place: str, term: str, now_ms: int) -> tuple[int, ...]:
        hours = self._hours.get(place, {})
        this_hour_ms = now_ms - now_ms % HOUR_MS
        starts = range(this_hour_ms - HOURS * HOUR_MS, this_hour_ms, HOUR_MS)
        counts = tuple(hours[start].counts.get(term, 0) if start in hours else 0 for start in starts)
        return counts if any(counts) else ()

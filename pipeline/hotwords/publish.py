"""What is published of a place: the last hour as it is now, and an hour that is over."""

from collections.abc import Iterable, Mapping, Sequence

from pipeline.hotwords.look import Seen, whole_terms
from pipeline.hotwords.sketch import Sketch, different, speaker_of
from pipeline.hotwords.state import ALL, Place, Quote
from pipeline.hotwords.usual import Usual, is_learning
from pipeline.times import HOUR_MS
from schemas.hotwords import Example, HotTerm, HotWords, HourOfWords, Theme

SHOWN_OF_REGION, SHOWN_OF_ALL = 10, 20
EXAMPLES_MAX = 3
HOUR_TERMS_MAX = 200


def examples_for(
    terms: Iterable[str], known: Mapping[str, tuple[Quote, ...]], pool: Sequence[Quote]
) -> dict[str, tuple[Quote, ...]]:
    """Up to three quotes for each term, each of another customer: those that it has, then the newest."""
    found = {}
    for term in terms:
        quotes = {speaker_of(quote.said.customer): quote for quote in known.get(term, ())}
        for quote in reversed(pool):
            if len(quotes) == EXAMPLES_MAX:
                break
            if term in quote.text:
                quotes.setdefault(speaker_of(quote.said.customer), quote)
        if quotes:
            found[term] = tuple(quotes.values())
    return found


def hot_words(
    name: str,
    place: Place,
    hour: Sketch,
    usual: Usual,
    seen: Sequence[Seen],
    themes: Sequence[Sequence[Seen]],
    *,
    emitted_at_ms: int,
) -> HotWords:
    """The last hour of a place."""
    shown = seen[: SHOWN_OF_ALL if name == ALL else SHOWN_OF_REGION]
    return HotWords(
        place=name,
        window_end=place.minute * 60_000,
        window_s=HOUR_MS // 1000,
        version=place.version,
        conversations=hour.conversations,
        unread=place.unread,
        is_learning=is_learning(usual),
        missed=hour.missed,
        terms=tuple(_term(each, place.examples.get(each.term, ()), is_all=name == ALL) for each in shown),
        themes=tuple(
            Theme(name=theme[0].term, terms=tuple(each.term for each in theme)) for theme in themes if len(theme) > 1
        ),
        emitted_at=emitted_at_ms,
    )


def hour_of_words(name: str, hour_start_ms: int, hour: Sketch, *, emitted_at_ms: int) -> HourOfWords:
    """An hour that is over; what fewer than three customers said is not in it."""
    terms = list(whole_terms(hour.tallies).items())[:HOUR_TERMS_MAX]
    return HourOfWords(
        place=name,
        hour_start=hour_start_ms,
        conversations=hour.conversations,
        missed=hour.missed,
        counts={term: tally.count for term, tally in terms},
        emitted_at=emitted_at_ms,
    )


def _term(seen: Seen, quotes: Iterable[Quote], *, is_all: bool) -> HotTerm:
    tally, heat = seen.tally, seen.heat
    return HotTerm(
        term=seen.term,
        count=tally.count,
        customers=different(tally.customers),
        is_hot=seen.is_hot,
        is_new=seen.is_hot and heat is not None and heat.is_new,
        expected=None if heat is None else heat.expected,
        ratio=None if heat is None else heat.ratio,
        odds=None if heat is None else heat.odds,
        score=seen.score,
        channels=tally.channels,
        regions=tally.regions if is_all else (),
        level=tally.level,
        examples=tuple(
            Example(
                text_masked=quote.text,
                region=quote.said.region,
                channel=quote.said.channel,
                occurred_at=quote.at_ms,
            )
            for quote in quotes
        ),
    )

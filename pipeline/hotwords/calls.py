"""Calls to act together (维权群, 联名): whoever sends for others about one product, remembered for a day."""

from collections.abc import Iterable, Mapping

from pipeline.hotwords.causes import cause_of, is_cause
from pipeline.hotwords.outbreaks import Outbreak
from pipeline.hotwords.sketch import COUNT_AS_ONE, EMPTY, counted, different
from pipeline.hotwords.state import Quote, Waiting

CUSTOMERS = 2
REMEMBERED_MS = 24 * 60 * 60 * 1000
PRODUCTS_MAX, CALLS_MAX = 64, CUSTOMERS * COUNT_AS_ONE  # of those, and of one product, the newest are kept

Calls = dict[str, tuple[Quote, ...]]


def remembered(calls: Mapping[str, tuple[Quote, ...]], waiting: Iterable[Waiting], *, now_ms: int) -> Calls:
    """The calls of the last day, with those in it that are being counted; one a customer."""
    found = {name: {quote.said.customer: quote for quote in quotes} for name, quotes in calls.items()}
    for each in waiting:
        for term in each.terms:
            if is_cause(term) and cause_of(term).is_call_to_act:
                found.setdefault(term, {})[each.said.customer] = Quote(each.at_ms, each.said, each.quote)
    kept = {
        name: tuple(quote for quote in quotes.values() if quote.at_ms > now_ms - REMEMBERED_MS)[-CALLS_MAX:]
        for name, quotes in list(found.items())[-PRODUCTS_MAX:]
    }
    return {name: quotes for name, quotes in kept.items() if quotes}


def called_together(calls: Mapping[str, tuple[Quote, ...]]) -> list[Outbreak]:
    """Products about which two customers or more call for acting together: no odds are needed."""
    return [
        Outbreak(name, (), counted(EMPTY, ((quote.said, (name,)) for quote in quotes), room=1).tallies[name], None)
        for name, quotes in sorted(calls.items())
        if different([quote.said.customer for quote in quotes]) >= CUSTOMERS
    ]

"""What an alert adds to the words: the customer's quotes in it, and of their terms those that are not counted yet."""

from collections.abc import Iterable
from zlib import crc32

from pipeline.hotwords.causes import causes_of
from pipeline.hotwords.sketch import Said, customer_of
from pipeline.hotwords.state import Waiting
from pipeline.hotwords.terms import terms_of
from pipeline.times import heard_ms
from schemas.alerts import Alert
from schemas.hotwords import Saying
from schemas.vocabulary import RISES, ChannelClass, Level

QUOTES_MAX = 3  # the newest come first, then the strongest
TERMS_MAX = 60  # of one alert: bounds what a conversation costs
_OF_AGENTS = ("forbidden.", "doubtful.")  # an alert may also quote what the agent said
_TERM_BYTES = 4


def is_heard(alert: Alert) -> bool:
    """Whether an alert is about what a customer said in earnest."""
    return alert.kind in RISES and bool(alert.evidence) and not alert.test


def heard_at_ms(alert: Alert) -> int:
    """When it was said: a sender's clock may be ahead, and would take the whole place with it."""
    return heard_ms(alert.occurred_at, alert.emitted_at)


def quotes_of(alert: Alert) -> tuple[str, ...]:
    """The customer's words in an alert, each once; they are masked."""
    return tuple(
        dict.fromkeys(
            each.text_masked for each in alert.evidence if each.text_masked and not each.rule.startswith(_OF_AGENTS)
        )
    )[:QUOTES_MAX]


def new_terms(alert: Alert, quotes: Iterable[str], counted: bytes) -> tuple[tuple[str, ...], bytes]:
    """Terms and causes for which the conversation was not counted, and the memory with them in it."""
    every = dict.fromkeys([*causes_of(alert), *(term for quote in quotes for term in terms_of(quote))])
    known = {counted[at : at + _TERM_BYTES] for at in range(0, len(counted), _TERM_BYTES)}
    terms = tuple([term for term in every if not known or _mark(term) not in known])[:TERMS_MAX]
    return terms, counted + b"".join(map(_mark, terms))


def as_saying(alert: Alert, terms: tuple[str, ...], quotes: tuple[str, ...], region: str) -> Saying:
    """The same for the count of all regions."""
    return Saying(
        saying_id=alert.alert_id,
        customer=f"{customer_of(alert.customer_key, alert.conversation_id):08x}",
        terms=terms,
        quotes=quotes[:1],
        region=region,
        occurred_at=heard_at_ms(alert),
        emitted_at=alert.emitted_at,
        channel=alert.channel or ChannelClass.CHAT,
        level=alert.level or Level.NONE,
    )


def as_waiting(saying: Saying) -> Waiting:
    """A saying as it waits to be counted."""
    said = Said(int(saying.customer, 16), saying.region, saying.channel, saying.level)
    return Waiting(saying.occurred_at, said, saying.terms, saying.quotes[0] if saying.quotes else "")


def _mark(term: str) -> bytes:
    return crc32(term.encode()).to_bytes(_TERM_BYTES)

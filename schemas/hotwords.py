"""Hot words: what complaining customers talk about, and what of it is new. Topics `words.sayings` and `words.hot`."""

from schemas.base import Code, Count, EpochMillis, Id, Note, Part, Share, Wire
from schemas.evidence import Codes
from schemas.vocabulary import ChannelClass, Level


class Saying(Wire, tag="words.saying/1", frozen=True, kw_only=True):
    """What one conversation said that was not counted before, on its way to the count of all regions."""

    saying_id: Id
    customer: Code  # a digest: tells customers apart and names none
    terms: Codes
    quotes: tuple[Note, ...]  # masked
    region: Code
    occurred_at: EpochMillis
    emitted_at: EpochMillis = 0
    channel: ChannelClass = ChannelClass.CHAT
    level: Level = Level.NONE

    def record_id(self) -> str:
        """The saying id."""
        return self.saying_id


class Example(Part, frozen=True, kw_only=True):
    """How a customer put it; each example of a term is from another customer."""

    text_masked: Note
    region: Code
    channel: ChannelClass
    occurred_at: EpochMillis


class HotTerm(Part, frozen=True, kw_only=True):
    """One term of the last hour. Terms said by fewer than three customers are never published."""

    term: Code
    count: Count  # conversations that said it, at least
    customers: Count  # different ones, counted up to 16
    is_hot: bool = False
    is_new: bool = False  # hardly ever said before
    expected: float | None = None  # what an hour like this usually has; None while learning
    ratio: float | None = None
    odds: Share | None = None  # how likely chance alone makes so many
    score: float = 0.0
    channels: tuple[ChannelClass, ...] = ()
    regions: Codes = ()  # of the count of all regions, the first few
    level: Level = Level.NONE  # the worst of a conversation that said it
    examples: tuple[Example, ...] = ()  # of hot terms


class Theme(Part, frozen=True, kw_only=True):
    """Hot terms that the same customers say, named after the hottest."""

    name: Code
    terms: Codes


class HotWords(Wire, tag="words.hot/1", frozen=True, kw_only=True):
    """The last hour of one region, or of all: what is hot first, then what is said most."""

    place: Code  # a region, or `all`
    window_end: EpochMillis
    window_s: Count
    version: Count
    conversations: Count
    unread: Count  # since the full hour: of a minute in which many complain, only the first twenty of a region are read
    is_learning: bool  # too little is known of what is usual: nothing is called hot
    missed: Count  # by so much a count may be too low, because memory is bounded
    terms: tuple[HotTerm, ...]
    themes: tuple[Theme, ...] = ()
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Place and version."""
        return f"words:{self.place}:{self.window_end}:{self.version}"


class HourOfWords(Wire, tag="words.hour/1", frozen=True, kw_only=True):
    """One hour of one region, or of all, when it is over: how often each term was said."""

    place: Code
    hour_start: EpochMillis
    conversations: Count
    missed: Count
    counts: dict[str, Count]
    emitted_at: EpochMillis = 0

    def record_id(self) -> str:
        """Place and hour."""
        return f"words:{self.place}:{self.hour_start}"

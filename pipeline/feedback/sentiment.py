"""What a comment feels like: negative, neutral or positive, and the words that say so.

The tagger speaks first: a complaint is negative, with its own evidence. Of all other comments the mild words of the
rule pack are weighed, praise against displeasure.
"""

from typing import NamedTuple

from pipeline.conversation.heard import ReadsTexts
from pipeline.feedback.mild import MildWords
from pipeline.findings import Finding, Sign
from pipeline.reading import RawSign
from pipeline.signs import quoted
from pipeline.text.normalize import normalize
from pipeline.text.redact import redact
from schemas.tagged import Sentiment
from schemas.vocabulary import Level, Role

_SHOWN = 3


class Feeling(NamedTuple):
    """What a comment says."""

    sentiment: Sentiment
    signs: tuple[Sign, ...]  # evidence, the strongest first
    finding: Finding | None


def feel(comment: str, reader: ReadsTexts, mild: MildWords) -> Feeling:
    """Read one comment."""
    finding = reader.tag([comment], [Role.CUSTOMER])[0]
    if finding is not None and finding.level is not Level.NONE:
        return Feeling(Sentiment.NEGATIVE, finding.signs[:_SHOWN], finding)
    (folded,) = normalize([comment])
    words = mild.find(folded.text)
    balance = sum(1 if word.is_praise else -1 for word in words)
    if not balance:
        return Feeling(Sentiment.NEUTRAL, (), finding)
    redacted = redact(folded.original)
    telling = [word for word in words if word.is_praise is (balance > 0)][:_SHOWN]
    signs = (RawSign(f"sentiment:{each.text}", Level.NONE, 0, each.start, each.end, each.text) for each in telling)
    sentiment = Sentiment.POSITIVE if balance > 0 else Sentiment.NEGATIVE
    return Feeling(sentiment, tuple(quoted(sign, folded, redacted) for sign in signs), finding)

"""Outbreaks 群体性: the same matter from several customers within the hour, from more than one region or channel."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.conversation.ids import event_hash, fingerprint, record_id
from pipeline.hotwords.causes import cause_of, is_cause
from pipeline.hotwords.look import FEWEST_CUSTOMERS, Seen
from pipeline.hotwords.sketch import Sketch, Tally, different
from pipeline.hotwords.state import Quote, Told
from pipeline.hotwords.usual import Usual, heat, is_learning
from pipeline.places.provinces import UNKNOWN
from pipeline.surge.judge import Change
from schemas.alerts import Alert
from schemas.evidence import Evidence
from schemas.vocabulary import AlertKind, Level

ODDS = 1e-3  # a cause needs no more than this: that it is one product already says much
FORGOTTEN_AFTER_MS = 60 * 60 * 1000  # one that is not seen for so long is over


class Outbreak(NamedTuple):
    """One matter."""

    name: str  # a term, or a cause
    terms: tuple[str, ...]
    tally: Tally
    expected: float | None


def outbreaks_of(hour: Sketch, themes: Iterable[Sequence[Seen]], usual: Usual) -> list[Outbreak]:
    """What somebody should be told of: themes led by a new term, then causes."""
    found = []
    for theme in themes:
        new = next(
            (seen for seen in theme if seen.heat is not None and seen.heat.is_new and _is_wide(seen.tally)), None
        )
        if new is not None and new.heat is not None:
            terms = tuple(seen.term for seen in theme)
            found.append(Outbreak(new.term, terms, new.tally, new.heat.expected))
    for term, tally in sorted(hour.tallies.items()):
        if is_cause(term) and not cause_of(term).is_call_to_act:
            found += _of_cause(term, tally, hour, usual)
    return found


def _of_cause(term: str, tally: Tally, hour: Sketch, usual: Usual) -> list[Outbreak]:
    if is_learning(usual) or different(tally.customers) < FEWEST_CUSTOMERS or not _is_wide(tally):
        return []
    judged = heat(tally.count, hour.conversations, term, usual)
    return [Outbreak(term, (), tally, judged.expected)] if judged.odds < ODDS else []


def _is_wide(tally: Tally) -> bool:
    return len(tally.channels) > 1 or len(tally.regions) > 1


def as_alert(outbreak: Outbreak, quotes: Sequence[Quote], *, at_ms: int, emitted_at_ms: int) -> Alert:
    """The alert, in the region where the matter was heard first."""
    tally, name = outbreak.tally, outbreak.name
    cause = cause_of(name) if is_cause(name) else None
    return Alert(
        alert_id=record_id(AlertKind.OUTBREAK, name, str(at_ms)),
        kind=AlertKind.OUTBREAK,
        region=tally.regions[0] if tally.regions else UNKNOWN,
        fingerprint=fingerprint(AlertKind.OUTBREAK, name),
        occurred_at=at_ms,
        emitted_at=emitted_at_ms,
        level=level_of(outbreak),
        previous_level=Level.NONE,
        reasons=cause.reasons if cause else (),
        keywords=outbreak.terms,
        evidence=tuple(_evidence(name, quote) for quote in quotes),
        tags=(
            f"customers:{different(tally.customers)}",
            *(f"region:{region}" for region in tally.regions),
            *(f"channel:{channel}" for channel in tally.channels),
        ),
        product=cause.product if cause else "",
        batch=cause.batch if cause else "",
        count=tally.count,
        baseline=outbreak.expected,
    )


def level_of(outbreak: Outbreak) -> Level:
    """As grave as its gravest member, and explicit at least."""
    return Level.HIGH_RISK if outbreak.tally.level is Level.HIGH_RISK else Level.EXPLICIT


def as_over(name: str, told: Told, *, at_ms: int, emitted_at_ms: int) -> Alert:
    """The alert that an outbreak is over, where that of its begin went."""
    cause = cause_of(name) if is_cause(name) else None
    return Alert(
        alert_id=record_id(AlertKind.OUTBREAK, name, f"{at_ms}:{Change.RESOLVED}"),
        kind=AlertKind.OUTBREAK,
        region=told.region,
        fingerprint=fingerprint(AlertKind.OUTBREAK, name),
        occurred_at=at_ms,
        emitted_at=emitted_at_ms,
        level=told.level,
        previous_level=told.level,
        reasons=cause.reasons if cause else (),
        keywords=() if cause else (name,),
        tags=(Change.RESOLVED,),
        product=cause.product if cause else "",
        batch=cause.batch if cause else "",
    )


def _evidence(name: str, quote: Quote) -> Evidence:
    place = max(quote.text.find(name), 0)
    return Evidence(
        rule=fingerprint(AlertKind.OUTBREAK, name),
        version="",
        utterance_id=event_hash(f"{quote.said.customer}:{quote.at_ms}").hex(),
        char_start=0,
        char_end=len(quote.text),
        text_masked=quote.text,
        mark_start=place,
        mark_end=place + len(name) if name in quote.text else place,
    )

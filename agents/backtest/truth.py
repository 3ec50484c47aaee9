"""What is known to be true of conversations: labels of a file, and the verdicts that people gave on alerts."""

from codecs import BOM_UTF8
from collections.abc import Collection, Iterable

import msgspec

from agents.settings import Settings
from agents.verdicts.keep import read_ledger
from pipeline.errors import TocsinError
from pipeline.verdicts.ledger import RIGHT
from schemas.base import Id
from schemas.labels import VerdictLabel
from schemas.vocabulary import RISES, Level


class LabelsError(TocsinError):
    """A line is no label; the text says which line, which field and what was expected."""


class Label(msgspec.Struct, frozen=True):
    """One conversation, as a person judges it."""

    conversation_id: Id
    level: Level


_decode = msgspec.json.Decoder(Label).decode


def read_labels(lines: Iterable[bytes], *, name: str, least: Level) -> dict[str, bool]:
    """Whether each labelled conversation is a complaint of at least a level."""
    truth = {}
    for number, line in enumerate(lines, start=1):
        written = line.removeprefix(BOM_UTF8).strip()  # editors put the mark before the first line
        if written:
            try:
                label = _decode(written)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise LabelsError(f"{name}:{number}: {error}") from error
            truth[label.conversation_id] = label.level.rank >= least.rank
    return truth


def judged(labels: Iterable[VerdictLabel], told: Collection[tuple[str, Level]], *, least: Level) -> dict[str, bool]:
    """Whether conversations are complaints of at least a level, as far as people's verdicts on alerts prove it.

    One is where an alert of that level or a graver one was right. It is none where each that was `told` was a false
    alarm: who says so of one level has said nothing of another.
    """
    known = {(name, level) for name, level in told if level.rank >= least.rank}
    right: set[tuple[str, Level]] = set()
    wrong: set[tuple[str, Level]] = set()
    for label in sorted(labels, key=lambda each: each.at):  # of two alerts at one level the newest verdict counts
        if label.kind in RISES and label.conversation_id and label.level.rank >= least.rank:
            place = (label.conversation_id, label.level)
            is_right = label.verdict in RIGHT
            (right if is_right else wrong).add(place)
            (wrong if is_right else right).discard(place)
    complaints = {name for name, _ in right}
    unjudged = {name for name, _ in known - wrong}
    return dict.fromkeys({name for name, _ in wrong} - unjudged, False) | dict.fromkeys(complaints, True)


async def read_verdicts(settings: Settings) -> list[VerdictLabel]:
    """The last verdict on each alert, as `tocsin verdicts` keeps them: whichever way it was given."""
    return list((await read_ledger(settings)).labels())

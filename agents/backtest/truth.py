"""What is known to be true of conversations: labels of a file, and the verdicts that people gave on alerts."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping

import msgspec

from agents.recording.follow import follow
from agents.settings import Settings
from pipeline.errors import TocsinError
from schemas.actions import Action, ActionKind, Verdict
from schemas.base import Id
from schemas.topics import ACTIONS
from schemas.vocabulary import Level


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


async def read_verdicts(settings: Settings, conversation_of: Mapping[str, str]) -> dict[str, bool]:
    """Whether each alert that somebody gave a verdict on was right, by conversation; the newest verdict counts."""
    truth = {}
    async with follow(settings, (ACTIONS,), from_start=True) as follower:
        for seen in await follower.until_now():
            try:
                action = msgspec.json.decode(seen.value, type=Action)
            except (msgspec.DecodeError, ValueError):  # a dead letter of the incidents stage by now
                continue
            conversation = conversation_of.get(action.alert_id or "")
            if action.action is ActionKind.VERDICT and conversation and not action.test:
                truth[conversation] = action.verdict is not Verdict.FALSE_ALARM
    return truth

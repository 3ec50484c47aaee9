"""How an example beside a rule is written: one text, or turns with their times, and what should come of it."""

from typing import Any

import yaml

from pipeline.rules.shapes import Choice, Each, Record, Report, Text
from pipeline.times import SECOND_MS
from pipeline.watches.conditions import Decimal, Truth
from pipeline.watches.model import Example, ExampleTurn
from schemas.vocabulary import Level, Role

ATTRIBUTES = ("queue", "product", "batch", "channel", "region", "tenant", "tier")
_SPEAKERS = {"customer": Role.CUSTOMER, "agent": Role.AGENT}
_SECONDS = Decimal(0, 86_400)
_TURN = Record(
    {},
    {
        "customer": Text(),
        "agent": Text(),
        "at": _SECONDS,
        "silence_seconds": _SECONDS,
        "overlap_seconds": _SECONDS,
        "speech_rate": Decimal(0, 100),
        "volume_db": Decimal(-200, 200),
    },
)


class TurnShape:
    """Who says what, and when."""

    def read(self, node: yaml.Node, path: str, report: Report) -> ExampleTurn | None:
        """The turn."""
        values = _TURN.read(node, path, report)
        if values is None or None in values.values():
            return None
        speakers = [name for name in values if name in _SPEAKERS]
        if len(speakers) != 1:
            report.add(node, path, "must have one speaker; write {customer: …} or {agent: …}")
            return None
        return ExampleTurn(
            role=_SPEAKERS[speakers[0]],
            text=values[speakers[0]],
            at_ms=_ms(values.get("at")),
            silence_ms=_ms(values.get("silence_seconds")),
            overlap_ms=_ms(values.get("overlap_seconds")),
            speech_rate=values.get("speech_rate"),
            volume_db=values.get("volume_db"),
        )


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * SECOND_MS)


class _Turns(Each):
    """A list of turns; the same may be said twice."""

    def read(self, node: yaml.Node, path: str, report: Report) -> tuple[Any, ...] | None:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            report.add(node, path, "must be a list of turns such as {customer: …}")
            return None
        turns = [self.item.read(child, f"{path}[{number}]", report) for number, child in enumerate(node.value)]
        return None if None in turns else tuple(turns)


_EXAMPLE = Record(
    {},
    {
        "text": Text(),
        "turns": _Turns(TurnShape()),
        "fires": Truth(),
        "level": Choice([level.value for level in Level]),
        "ended": Truth(),
        "with": Record({}, {name: Text() for name in ATTRIBUTES}),
    },
)


class ExampleShape:
    """A text or turns, and what should come of them."""

    def read(self, node: yaml.Node, path: str, report: Report) -> Example | None:
        """The example."""
        values = _EXAMPLE.read(node, path, report)
        if values is None or None in values.values():
            return None
        if ("text" in values) == ("turns" in values):
            report.add(node, path, "must have one of text and turns")
            return None
        turns = values.get("turns") or (ExampleTurn(role=Role.CUSTOMER, text=values["text"]),)
        return Example(
            turns=turns,
            fires=values.get("fires", True),
            level=Level(values["level"]) if "level" in values else None,
            has_ended=values.get("ended", False),
            attributes=tuple(sorted(values.get("with", {}).items())),
            file=report.file,
            line=node.start_mark.line + 1,
        )

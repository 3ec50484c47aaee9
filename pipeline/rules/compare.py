"""Two packs side by side: which words and numbers changed, and which texts come to another level."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from pipeline.rules.model import RulePack
from pipeline.tagging import Tagger
from pipeline.text.redact import redact
from pipeline.watches.nature import asks_more_than_a_turn
from schemas.vocabulary import Level, Role

_SILENT = frozenset({"version", "examples", "key", "line", "file"})


class Change(NamedTuple):
    """What one place of a pack holds only before, and only after."""

    path: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


class LevelChange(NamedTuple):
    """A text, masked, that the two packs judge differently."""

    text: str
    before: Level
    after: Level
    rule: str  # the strongest sign of the pack that gives the higher level


def changes(old: RulePack, new: RulePack) -> list[Change]:
    """Every place that differs, in order of its path."""
    before, after = dict(_flat(old, "")), dict(_flat(new, ""))
    found = []
    for path in sorted(before.keys() | after.keys()):
        had, has = before.get(path, ()), after.get(path, ())
        if had != has:
            gone = tuple(value for value in had if value not in has)
            came = tuple(value for value in has if value not in had)
            if gone or came:
                found.append(Change(path, gone, came))
    return found


def level_changes(old: RulePack, new: RulePack, texts: Sequence[str]) -> list[LevelChange]:
    """The texts that come to another level, each by itself: of some rules this says nothing, see `beyond_one_text`."""
    roles = [Role.CUSTOMER] * len(texts)
    found = []
    for text, one, other in zip(texts, Tagger(old).tag(texts, roles), Tagger(new).tag(texts, roles), strict=True):
        before = one.level if one is not None else Level.NONE
        after = other.level if other is not None else Level.NONE
        if before is not after:
            higher = one if before.rank > after.rank else other
            rule = higher.signs[0].rule if higher is not None and higher.signs else ""
            found.append(LevelChange(redact(text).text, before, after, rule))
    return found


def beyond_one_text(pack: RulePack) -> tuple[str, ...]:
    """The rules that no text decides by itself: neither `level_changes` nor a shadow pack sees them fire.

    They ask for other turns, times or attributes, or are valid on some days only. A back-test plays them.
    """
    return tuple(rule.id for rule in pack.rules if asks_more_than_a_turn(rule))


def _flat(value: Any, path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The leaves of a pack: lists of plain values, and single ones as lists of one."""
    if is_dataclass(value):
        for field in fields(value):
            if field.name not in _SILENT:
                yield from _flat(getattr(value, field.name), _join(path, field.name))
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from _flat(child, _join(path, str(name)))
    elif isinstance(value, tuple) and any(is_dataclass(child) or type(child) is tuple for child in value):
        for number, child in enumerate(value):  # also the places of a `gap`, where the order counts
            yield from _flat(child, _join(path, _name(child, number)))
    elif isinstance(value, tuple):
        yield path, tuple(str(child) for child in value)
    elif value is not None and value != "":
        yield path, (str(value),)


def _name(child: Any, number: int) -> str:
    """What an entry of a list is called: by its number where it has no name."""
    name = getattr(child, "id", None) or getattr(child, "name", None) or getattr(child, "group", None)
    return str(name or getattr(child, "level", number))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name

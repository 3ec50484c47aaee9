"""The generic mapping at work: a body and compiled rules in, drafts out. Paths, tables and sums; nobody's code."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.intake.contract import TOPICS, Target, kinds_of, nested, targets_of
from pipeline.intake.description import RecordRule, Rule
from pipeline.intake.drafts import Draft
from pipeline.intake.values import millis_of, pick, text_of
from pipeline.times import SECOND_MS
from schemas.events import Event
from schemas.refusal import Fault
from schemas.topics import Topic
from schemas.vocabulary import Category

MAX_ITEMS = 500  # of one body
_ITEM, _BODY = "item", "body"


@dataclass(frozen=True, slots=True)
class Filling:
    """One field of the event, and how it is filled."""

    target: Target
    rule: Rule
    read: Callable[[Any], Any]
    expects: str = ""  # where the contract's own words would mislead

    @property
    def origin(self) -> str:
        """Where it comes from, in words for whoever repairs the sender or the mapping."""
        rule = self.rule
        if rule.from_ is not None:
            return rule.from_ if isinstance(rule.from_, str) else " or ".join(rule.from_)
        return " and ".join(rule.join) if rule.join else "the mapping itself"


@dataclass(frozen=True, slots=True)
class Compiled:
    """One record rule, ready to use."""

    topic: Topic
    kind: type[Event]
    when: Mapping[str, frozenset[str]]
    has: Sequence[str]
    each: str | None
    fillings: Sequence[Filling]


@dataclass(frozen=True, slots=True)
class Place:
    """What paths are looked up in."""

    body: Mapping[str, Any]
    item: Any

    def at(self, path: str) -> Any:
        """`item.x` in the element at hand, `body.x` or `x` in the whole body."""
        first, _, rest = path.partition(".")
        if first == _ITEM:
            return pick(self.item, rest) if rest else self.item
        return pick(self.body, rest if first == _BODY and rest else path)


def compile_records(records: Sequence[RecordRule], *, zone: str | None = None) -> tuple[Compiled, ...]:
    """Rules that `fitting` has no objection to, ready to use; `zone` is that of times which bring none."""
    return tuple(_compile(each, zone) for each in records)


def drafts(body: Mapping[str, Any], records: Sequence[Compiled], *, received_ms: int) -> list[Draft | Fault]:
    """The events of one body: of each rule whose conditions hold, one for each element of its list."""
    found: list[Draft | Fault] = []
    for record in records:
        for place in _places(record, body):
            if isinstance(place, Fault):
                found.append(place)
            elif _holds(record, place):
                found.append(_draft(record, place, received_ms))
    return found


def _compile(record: RecordRule, zone: str | None) -> Compiled:
    topic = TOPICS[record.topic]
    kinds = kinds_of(topic)
    kind = kinds[record.schema_] if record.schema_ else next(iter(kinds.values()))
    targets = targets_of(kind)
    fillings = [_filling(targets[name], rule, zone) for name, rule in record.fields.items()]
    when = {path: _texts(wanted) for path, wanted in record.when.items()}
    return Compiled(topic, kind, when, tuple(record.has), record.each, tuple(fillings))


def _filling(target: Target, rule: str | Rule, zone: str | None) -> Filling:
    whole = Rule.model_validate({"from": rule}) if isinstance(rule, str) else rule
    if not target.is_millis:
        return Filling(target, whole, target.read)
    unit_ms = SECOND_MS if whole.unit == "seconds" else 1
    if not target.is_moment:
        return Filling(target, whole, partial(millis_of, unit_ms=unit_ms))
    named = whole.zone or zone
    read = partial(millis_of, unit_ms=unit_ms, zone=ZoneInfo(named) if named else None)
    return Filling(target, whole, read, _time_in_words(whole.unit, named))


def _time_in_words(unit: str, zone: str | None) -> str:
    if zone:
        return f"a time such as 2026-01-01 08:00:00, or {unit}"
    return f"a time with its zone, or {unit}; write `zone: Asia/Shanghai` in the mapping for times without one"


def _texts(wanted: Any) -> frozenset[str]:
    return frozenset(text_of(each) or "" for each in (wanted if isinstance(wanted, list) else [wanted]))


def _places(record: Compiled, body: Mapping[str, Any]) -> Iterator[Place | Fault]:
    if record.each is None:
        yield Place(body, body)
        return
    items = pick(body, record.each)
    if not isinstance(items, list):
        if items is not None:
            yield Fault(Category.SCHEMA, f"$.{record.each}", "a list")
        return
    if len(items) > MAX_ITEMS:
        yield Fault(Category.TOO_LARGE, f"$.{record.each}", f"a list of at most {MAX_ITEMS} items")
        return
    for item in items:
        yield Place(body, item)


def _holds(record: Compiled, place: Place) -> bool:
    return all(place.at(path) is not None for path in record.has) and all(
        text_of(place.at(path)) in wanted for path, wanted in record.when.items()
    )


def _draft(record: Compiled, place: Place, received_ms: int) -> Draft:
    draft = Draft(record.topic, record.kind)
    values = {}
    for filling in record.fillings:
        draft.came_from[filling.target.name] = filling.origin
        value = _value(filling, place, received_ms)
        if value is not None:
            values[filling.target.name] = value
        if filling.expects and isinstance(value, str):  # nobody could read it
            draft.expects[filling.target.name] = filling.expects
    draft.fields = nested(values)
    return draft


def _value(filling: Filling, place: Place, received_ms: int) -> Any:
    rule = filling.rule
    if rule.received:
        return received_ms
    raw = _raw(rule, place)
    if rule.map is not None and raw is not None:
        raw = rule.map.get(text_of(raw) or "", rule.otherwise)
    if raw is None:
        raw = rule.default
    if raw is None:
        return "" if filling.target.may_be_empty and _is_blank(rule, place) else None
    value = filling.read(raw)
    if rule.plus is not None and value is not None:
        added = filling.read(place.at(rule.plus))
        return None if added is None else value + added
    return raw if value is None else value  # what cannot be read is refused by the contract, under its own name


def _raw(rule: Rule, place: Place) -> Any:
    if rule.value is not None:
        return rule.value
    if rule.join is not None:
        parts = [text_of(place.at(path)) for path in rule.join]
        return None if None in parts else "-".join(part for part in parts if part is not None)
    return next((found for path in _paths(rule) if (found := place.at(path)) is not None and found != ""), None)


def _is_blank(rule: Rule, place: Place) -> bool:
    """Whether an empty text stands where the value is looked for, which is not the same as nothing."""
    return rule.map is None and any(place.at(path) == "" for path in _paths(rule))


def _paths(rule: Rule) -> list[str]:
    return [rule.from_] if isinstance(rule.from_, str) else rule.from_ or []

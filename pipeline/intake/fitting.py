"""Whether an intake's description fits what it fills: topics, fields, constants, names. All problems at once."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from pipeline.intake.contract import TOPICS, Target, kinds_of, targets_of
from pipeline.intake.description import Chatwoot, Generic, Intake, RecordRule, Rule, Zendesk
from schemas.events import Event

Where = tuple[str | int, ...]
Objection = tuple[Where, str]


def objections(intake: Intake) -> Iterator[Objection]:
    """Where something does not fit, and what to write instead."""
    yield from _repeated(intake, "name")
    yield from _repeated(intake, "path")
    prefixes: dict[str, str] = {}
    for index, source in enumerate(intake.sources):
        if isinstance(source, Generic):
            for number, record in enumerate(source.records):
                yield from _record(record, ("sources", index, "records", number))
        elif source.id_prefix in prefixes:
            also = prefixes[source.id_prefix]
            what = f"ids would be taken for those of {also}; give one of the two an id_prefix of its own"
            yield (("sources", index, "id_prefix"), what)
        if isinstance(source, Zendesk | Chatwoot):
            prefixes.setdefault(source.id_prefix, source.name)


def _repeated(intake: Intake, attribute: str) -> Iterator[Objection]:
    seen: set[str] = set()
    for index, source in enumerate(intake.sources):
        value = getattr(source, attribute)
        if value in seen:
            yield (("sources", index, attribute), f"another source has this {attribute}; choose one of its own")
        seen.add(value)


def _record(record: RecordRule, where: Where) -> Iterator[Objection]:
    topic = TOPICS.get(record.topic)
    if topic is None:
        yield ((*where, "topic"), f"no such topic; expected one of {', '.join(TOPICS)}{_near(record.topic, TOPICS)}")
        return
    kinds = kinds_of(topic)
    if record.schema_ is None and len(kinds) > 1:
        yield (where, f"`schema` is missing; expected one of {', '.join(kinds)}")
        return
    if record.schema_ is not None and record.schema_ not in kinds:
        yield ((*where, "schema"), f"expected one of {', '.join(kinds)}{_near(record.schema_, kinds)}")
        return
    yield from _fields(record, kinds[record.schema_] if record.schema_ else next(iter(kinds.values())), where)


def _fields(record: RecordRule, kind: type[Event], where: Where) -> Iterator[Objection]:
    targets = targets_of(kind)
    for name, rule in record.fields.items():
        target = targets.get(name)
        if target is None:
            yield (
                (*where, "fields", name),
                f"{kind.SCHEMA} has no field that a mapping may fill{_near(name, targets)}",
            )
        elif isinstance(rule, Rule):
            yield from _constants(rule, target, (*where, "fields", name))
        if record.each is None and "item" in _first_steps(rule):
            yield ((*where, "fields", name), "`item.` needs `each`, the list whose elements are meant")
    begun = {name.partition(".")[0] for name in record.fields if "." in name}
    missing = [
        target.name
        for target in targets.values()
        if target.is_required
        and target.name not in record.fields
        and ("." not in target.name or target.name.partition(".")[0] in begun)
    ]
    if missing:
        yield ((*where, "fields"), f"{kind.SCHEMA} also needs {', '.join(missing)}")


def _constants(rule: Rule, target: Target, where: Where) -> Iterator[Objection]:
    named = [("value", rule.value), ("default", rule.default), ("else", rule.otherwise)]
    for name, value in named:
        if value is not None and not target.takes(value):
            yield ((*where, name), f"expected {target.expects}")
    for key, value in (rule.map or {}).items():
        if not target.takes(value):
            yield ((*where, "map", key), f"expected {target.expects}")
    if not target.is_millis and (rule.plus is not None or rule.unit != "milliseconds" or rule.received):
        yield (where, "`plus`, `unit` and `received` are for times and durations")
    if not target.is_moment and rule.zone is not None:
        yield ((*where, "zone"), "a zone is for times; leave it out")


def _first_steps(rule: str | Rule) -> set[str]:
    if isinstance(rule, str):
        return {rule.partition(".")[0]}
    paths = [*([rule.from_] if isinstance(rule.from_, str) else rule.from_ or []), *(rule.join or []), rule.plus or ""]
    return {path.partition(".")[0] for path in paths}


def _near(name: str, known: Iterable[str] | Mapping[str, object]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {found[0]}?" if found else ""

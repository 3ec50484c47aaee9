"""Rule packs for tests: the shipped files with more beside them, and made-up rules in any number."""

from random import Random
from typing import Any

import yaml

from pipeline.rules.load import DEFAULT_PACK, parse_pack
from pipeline.rules.model import RulePack

SHIPPED = [(path.name, path.read_bytes()) for path in sorted(DEFAULT_PACK.glob("*.yaml"))]


def pack_with(text: str) -> RulePack:
    """The shipped pack and one file more."""
    return parse_pack([*SHIPPED, ("own.yaml", text.encode())])


def made_up_rules(*, words: int, rules: int) -> str:
    """So many rules over so many words that occur in no ordinary text; every fourth waits for an answer."""
    chance = Random(7)
    han = [chr(code) for code in range(0x5400, 0x6A00)]
    found: dict[str, None] = {}
    while len(found) < words:
        found["".join(chance.choices(han, k=chance.choice([3, 4])))] = None
    every = list(found)
    share = words // rules
    lines = ["rules:"]
    for number in range(rules):
        mine = every[number * share : (number + 1) * share]
        one, other = ", ".join(mine[: share // 2]), ", ".join(mine[share // 2 :])
        conditions = (
            f"{{a: {{any: [{one}, {other}]}}}}",
            f"{{a: {{near: {{words: [{one}], to: [{other}], chars: 6}}}}}}",
            (
                f"{{a: {{any: [{one}, {other}]}}, b: {{by: agent, any: [深表歉意]}}, "
                "c: {not_said: b, after: a, within_seconds: 60}}"
            ),
            f"{{a: {{at_least: {{count: 2, of: [{one}, {other}]}}}}}}",
        )[number % 4]
        lines.append(f"  made_{number}: {{zh: 规则, conditions: {conditions}, then: {{level: potential, score: 40}}}}")
    return "\n".join(lines)


def small_pack() -> list[tuple[str, bytes]]:
    """The shipped pack with at most two entries in each list: quick to read, for tests that read thousands."""
    sections: dict[str, Any] = {}
    for _, data in SHIPPED:
        sections |= yaml.safe_load(data)
    return [("small.yaml", yaml.safe_dump(_cut(sections), allow_unicode=True).encode())]


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cut(child) for name, child in value.items()}
    return [_cut(child) for child in value[:2]] if isinstance(value, list) else value

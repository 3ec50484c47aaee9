"""Rules made up in any number, over words that occur in no ordinary text: what a company's own pack weighs."""

from pathlib import Path
from random import Random

from pipeline.rules.load import DEFAULT_PACK

PHRASES, RULES = 5_000, 200  # of the job that measures them


def made_up_rules(*, words: int, rules: int) -> str:
    """So many rules over so many words, as YAML; every fourth waits for an answer."""
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


def pack_of_many(folder: Path) -> Path:
    """The shipped pack and a file of made-up rules beside it, as a folder."""
    folder.mkdir()
    for path in DEFAULT_PACK.glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "made_up.yaml").write_text(made_up_rules(words=PHRASES, rules=RULES), encoding="utf-8")
    return folder

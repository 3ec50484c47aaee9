"""Read a rule pack from a folder of YAML files: all of it or none, with every problem of every file in one error.

The only room of the pipeline that reads files.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from pipeline.rules.civic import civic_problems
from pipeline.rules.document import read_document
from pipeline.rules.model import (
    Cue,
    Guard,
    LevelSpec,
    Pattern,
    ReasonLeaf,
    RulePack,
    ThreatRule,
    Verbs,
    Weak,
)
from pipeline.rules.problems import Problem, RulePackError
from pipeline.rules.sections import REQUIRED, SECTIONS
from pipeline.rules.service import (
    ADVISED,
    BotRules,
    advice_cards,
    customer_types,
    forbidden_groups,
    service_checks,
    service_problems,
)
from pipeline.rules.shapes import Record, Report
from pipeline.watches.written import resolved
from schemas.vocabulary import Level, ReasonGroup, ThreatGroup

DEFAULT_PACK = Path(__file__).with_name("pack")
_TOP = Record({}, SECTIONS)
_VERSION_CHARS = 12


class _Section(NamedTuple):
    file: str
    line: int
    value: Any


def load_pack(folder: Path = DEFAULT_PACK) -> RulePack:
    """Read every `*.yaml` in `folder`; raise one RulePackError that lists every problem."""
    try:
        files = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.yaml"))]
    except OSError as error:
        raise RulePackError([Problem(str(folder), 0, "", f"cannot be read: {error.strerror or error}")]) from error
    if not files:
        raise RulePackError([Problem(str(folder), 0, "", "holds no *.yaml file; name the folder of a rule pack")])
    return parse_pack(files)


def parse_pack(files: Iterable[tuple[str, bytes]]) -> RulePack:
    """A rule pack from file names and contents."""
    files = list(files)
    problems: list[Problem] = []
    sections: dict[str, _Section] = {}
    for name, data in files:
        node, found = read_document(name, data)
        problems += found
        if node is None:
            continue
        report = Report(name)
        values = _TOP.read(node, "", report) or {}
        problems += report.problems
        lines = {key.value: key.start_mark.line + 1 for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
        for key, value in values.items():
            if key in sections:
                what = f"was already written in {sections[key].file}:{sections[key].line}; put both into one file"
                problems.append(Problem(name, lines[key], key, what))
            else:
                sections[key] = _Section(name, lines[key], value)
    if not problems:
        problems += (
            Problem("rule pack", 0, name, f"is missing; write {name}: …") for name in REQUIRED if name not in sections
        )
    if problems:
        raise RulePackError(problems)
    values = {name: section.value for name, section in sections.items()}
    rules, unknown = resolved(values.get("rules", {}), values.get("collections", {}))
    problems += _band_problems(sections) + unknown
    if problems:
        raise RulePackError(problems)
    return _build({**values, "rules": rules}, _version(files))


def _version(files: Iterable[tuple[str, bytes]]) -> str:
    """The same for the same content, whatever the system's line endings and the order of the files."""
    digest = hashlib.sha256()
    for name, data in sorted(files):
        content = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:_VERSION_CHARS]


def _band_problems(sections: Mapping[str, _Section]) -> list[Problem]:
    """Levels that are missing or whose bands overlap, and scores outside the band of their level."""
    found: list[Problem] = []

    def add(section: str, path: str, what: str) -> None:
        found.append(Problem(sections[section].file, sections[section].line, path, what))

    bands = {level: spec["band"] for level, spec in sections["levels"].value.items()}
    for level in Level:
        if level.value not in bands:
            add("levels", f"levels.{level}", f"is missing; write {level}: {{zh: …, band: [low, high]}}")
        elif len(bands[level.value]) != 2 or bands[level.value][0] >= bands[level.value][1]:
            add("levels", f"levels.{level}.band", "must be two numbers, the lower one first")
    if found:
        return found
    for lower, upper in pairwise(Level):
        if bands[lower.value][1] >= bands[upper.value][0]:
            add("levels", f"levels.{upper}.band", f"must start above {bands[lower.value][1]}, where {lower} ends")
    for section, path, level_name, score in _scores(sections):
        low, high = bands[level_name]
        if not low <= score <= high:
            what = f"is {score}, outside the band of {level_name}; write a number from {low} to {high}"
            add(section, f"{path}.score", what)
    return found + _group_problems(sections) + _civic_problems(sections) + _tree_problems(sections)


def _group_problems(sections: Mapping[str, _Section]) -> list[Problem]:
    """Patterns that name a threat and are no high risk."""
    section = sections.get("patterns")
    return [
        Problem(
            section.file,
            section.line,
            f"patterns.{name}.group",
            f"threatens, but its level is {rule['level']}; write high_risk",
        )
        for name, rule in (section.value.items() if section else ())
        if section and "group" in rule and rule["level"] != Level.HIGH_RISK
    ]


def _civic_problems(sections: Mapping[str, _Section]) -> list[Problem]:
    """Entries of the lists on letters that name nothing of the pack."""
    return [
        Problem(sections[name].file, sections[name].line, path, what)
        for name, path, what in civic_problems({name: each.value for name, each in sections.items()})
    ]


def _scores(sections: Mapping[str, _Section]) -> Iterator[tuple[str, str, str, int]]:
    """Section, path, level and score of everything that has a score."""
    for section in ("cues", "patterns"):
        for name, rule in sections[section].value.items() if section in sections else ():
            yield section, f"{section}.{name}", rule["level"], rule["score"]
    for rule in sections["rules"].value.values() if "rules" in sections else ():
        if rule.then.level is not Level.NONE:
            yield "rules", f"rules.{rule.id}.then", rule.then.level.value, rule.then.score
    yield "weak", "weak", Level.POTENTIAL.value, sections["weak"].value["score"]
    for name, rule in sections["threats"].value.items():
        yield "threats", f"threats.{name}", Level.HIGH_RISK.value, rule["score"]


def _tree_problems(sections: Mapping[str, _Section]) -> list[Problem]:
    """Threat groups without words; leaf ids, which stand without their group on the wire, twice in the tree."""
    threats, section = sections["threats"], sections.get("reasons")
    found = [
        Problem(threats.file, threats.line, f"threats.{group}", "is missing; every group has its words")
        for group in ThreatGroup
        if group.value not in threats.value
    ]
    advice = sections["advice"]
    found += (
        Problem(advice.file, advice.line, f"advice.{name}", "is missing; every level and threat has its card")
        for name in ADVISED
        if name not in advice.value
    )
    checks, tags = sections.get("service_checks"), sections.get("agent_tags")
    if checks:
        found += (
            Problem(checks.file, checks.line, path, what)
            for path, what in service_problems(checks.value, tags.value if tags else {})
        )
    seen: dict[str, str] = {}
    for group, spec in section.value.items() if section else ():
        for leaf in spec["leaves"]:
            if leaf in seen:
                what = f"is a leaf of {seen[leaf]} already; give it another id"
                found.append(Problem(section.file, section.line, f"reasons.{group}.{leaf}", what))  # type: ignore[union-attr]
            seen[leaf] = group
    return found


def _group(pattern: Mapping[str, Any]) -> ThreatGroup | None:
    return ThreatGroup(pattern["group"]) if "group" in pattern else None


def _build(sections: Mapping[str, Any], version: str) -> RulePack:
    levels, threats, weak = sections["levels"], sections["threats"], sections["weak"]
    return RulePack(
        version=version,
        levels=tuple(
            LevelSpec(level=level, zh=levels[level]["zh"], low=levels[level]["band"][0], high=levels[level]["band"][1])
            for level in Level
        ),
        complaint_words=sections["complaint_words"],
        cues=tuple(
            Cue(id=name, level=Level(rule["level"]), score=rule["score"], words=rule["words"])
            for name, rule in sections["cues"].items()
        ),
        patterns=tuple(
            Pattern(id=name, **{**rule, "level": Level(rule["level"]), "group": _group(rule)})
            for name, rule in sections.get("patterns", {}).items()
        ),
        weak=Weak(**weak),
        threats=tuple(
            ThreatRule(
                group=ThreatGroup(name),
                zh=rule["zh"],
                score=rule["score"],
                words=rule["words"],
                mentions=rule.get("mentions") or (),
                needs_verb=rule.get("needs") == "verb",
                needs_link=rule.get("needs") == "link",
                unless=rule.get("unless") or (),
            )
            for name, rule in threats.items()
        ),
        verbs=Verbs(**sections["verbs"]),
        links=sections["links"],
        guards=tuple(
            Guard(id=name, match=rule["match"], unless=rule.get("unless") or ())
            for name, rule in sections["guards"].items()
        ),
        civic_channels=sections.get("civic_channels", ()),
        civic_requests=sections.get("civic_requests", ()),
        civic_only=sections.get("civic_only", ()),
        civic_joint=sections.get("civic_joint", ()),
        cue_negations=sections.get("cue_negations", ()),
        traps=sections.get("traps", {}),
        reasons=tuple(
            ReasonLeaf(id=name, group=ReasonGroup(group), **leaf)
            for group, spec in sections.get("reasons", {}).items()
            for name, leaf in spec["leaves"].items()
        ),
        tags=sections.get("tags", {}),
        agent_tags=sections.get("agent_tags", {}),
        customer_types=customer_types(sections.get("customer_types", {})),
        advice=advice_cards(sections["advice"]),
        forbidden=forbidden_groups(sections.get("forbidden", {})),
        service_checks=service_checks(sections.get("service_checks", {})),
        bots=BotRules(**{name: value for name, value in sections.get("bots", {}).items() if value is not None}),
        rules=sections["rules"],
        collections=sections.get("collections", {}),
    )

"""Lists of a rule pack about letters to an authority: each entry must be a name or a word of that pack."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.rules.problems import did_you_mean


def civic_problems(sections: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Section, path and what is wrong, for every entry that nothing in the pack answers to."""
    cues, patterns = set(sections.get("cues", ())), set(sections.get("patterns", ()))
    threats = {word for group in sections["threats"].values() for word in group["words"]} | patterns
    known = {
        "civic_channels": (threats, "threat word or pattern"),
        "civic_joint": (threats, "threat word or pattern"),
        "civic_requests": (cues | patterns, "cue or pattern"),
        "civic_only": (patterns, "pattern"),
    }
    for section, (names, kind) in known.items():
        for place, name in enumerate(sections.get(section, ())):
            if name not in names:
                what = f"{name} is no {kind} of this pack{did_you_mean(name, sorted(names))}"
                yield section, f"{section}[{place}]", what

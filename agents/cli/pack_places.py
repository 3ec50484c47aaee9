"""Where in the files of a pack stands what a remark is about."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from pipeline.rules.document import read_document
from pipeline.rules.remarks import Remark

# A finding names what fired by the kind of rule, a remark on a list by the section of the file.
_SECTIONS = {"cue": "cues", "threat": "threats", "rule": "rules", "pattern": "patterns"}
_NAME = "zh"  # what something is called is no word of it


class PackPlaces:
    """The files of a pack, read once."""

    def __init__(self, folder: Path) -> None:
        self._files = [
            (file.name, read_document(file.name, file.read_bytes())[0]) for file in sorted(folder.glob("*.yaml"))
        ]

    def of(self, remark: Remark) -> str:
        """Where a word, or the last part of a path, is first written below all that can be found of it: `a.yaml:14: `.

        Nothing where it is not written there: what a rule found in a text need not stand in the pack in these letters.
        """
        section, *names = remark.path.replace(":", ".").split(".")
        paths = [[_SECTIONS.get(section, section), *names]]
        if section == "level":  # the name of a cue follows, or one of the words that are a complaint by themselves
            paths = [["cues", *names[1:]], ["complaint_words"]]
        for name, top in self._files:
            for path in paths:
                line = _line_of(remark.word, path, top)
                if line is not None:
                    return f"{name}:{line + 1}: "
        return ""


def _line_of(word: str, path: Sequence[str], top: yaml.Node | None) -> int | None:
    """The line of a word below a path, or of the path itself; it may end deeper than the file has keys for."""
    node, key = top, None
    for depth, name in enumerate(path):
        entry = next((entry for entry in _entries(node) if entry[0].value == name), None)
        if entry is None:
            if depth < 2 or not word:
                return None
            break
        key, node = entry
    if not word:
        return None if key is None else int(key.start_mark.line)
    return next((int(each.start_mark.line) for each in _texts(node) if word in each.value), None)


def _entries(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _texts(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Every text below a node but names, as they stand in the file."""
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _texts(child)
    for key, value in _entries(node):
        if key.value != _NAME:
            yield from _texts(key)
            yield from _texts(value)

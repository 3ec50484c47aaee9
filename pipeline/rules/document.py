"""One YAML file as nodes that know their line. Nothing is constructed: values are read from the text that stands there.

Aliases are refused (a few lines of them unfold to gigabytes), and so are deep nesting and second documents.
"""

import yaml

from pipeline.rules.problems import Problem

MAX_FILE_BYTES = 2 * 1024 * 1024
_MAX_DEPTH = 12
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times as fast, where it was built in


def read_document(file: str, data: bytes) -> tuple[yaml.MappingNode | None, list[Problem]]:
    """The top mapping of a file, or what keeps it from being read."""
    if len(data) > MAX_FILE_BYTES:
        return None, [Problem(file, 0, "", f"the file has {len(data)} bytes; split it below {MAX_FILE_BYTES}")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return None, [Problem(file, line, "", "is not UTF-8; save the file as UTF-8")]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        problem = _structure_problem(file, text)
        node = None if problem else yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return None, [Problem(file, mark.line + 1 if mark else 0, "", f"is not YAML: {error.problem or error.context}")]
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # a character that YAML does not allow, \U00110000
        return None, [Problem(file, 0, "", f"is not YAML: {str(error).splitlines()[0]}")]
    if problem:
        return None, [problem]
    if node is None:
        return None, [Problem(file, 0, "", "is empty; write at least one section or remove the file")]
    if not isinstance(node, yaml.MappingNode):
        return None, [Problem(file, node.start_mark.line + 1, "", "must start with sections such as `cues:`")]
    return node, []


def _structure_problem(file: str, text: str) -> Problem | None:
    depth = documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            return Problem(file, line, "", f"uses the alias *{event.anchor}; write the value out")
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                return Problem(file, line, "", "starts a second document; put it into a file of its own")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                return Problem(file, line, "", f"is nested deeper than {_MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None

"""The contracts as files for others: JSON Schemas, the AsyncAPI document and a page that lists them.

`python -m schemas.export docs/reference` writes them; that is all in `schemas` that touches a file.
"""

import argparse
from pathlib import Path
from typing import Any

import orjson

from schemas.asyncapi import asyncapi
from schemas.base import Wire
from schemas.jsonschema import file_name, json_schemas
from schemas.topics import ALL, Topic

FOLDER = "schemas"


def files() -> dict[str, str]:
    """Every file by its path below the reference folder; the same types give the same bytes."""
    schemas = {f"{FOLDER}/{name}": _pretty(schema) for name, schema in json_schemas().items()}
    return {**schemas, "asyncapi.json": _pretty(asyncapi()), "README.md": _index()}


def write(folder: Path) -> None:
    """Bring `folder` up to date: what changed is written, schemas that no longer exist are removed."""
    wanted = files()
    for old in sorted((folder / FOLDER).glob("*.json")):
        if f"{FOLDER}/{old.name}" not in wanted:
            old.unlink()
    for name, text in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def _pretty(document: dict[str, Any]) -> str:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _index() -> str:
    lines = [
        "# Reference",
        "",
        "Made from the code by `make schemas`; do not edit. How to send and read:",
        "[event contracts](../event-contracts.md).",
        "All topics with their settings, for tools: [AsyncAPI 3.0](asyncapi.json).",
        "",
        "| topic | key | kept | message | what it is |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [_row(topic, kind) for topic in ALL for kind in topic.messages]
    return "\n".join(lines) + "\n"


def _row(topic: Topic, kind: type[Wire]) -> str:
    retention = topic.retention
    kept = topic.clean_up.value if retention is None else f"{retention.days} d" if retention.days else "hours"
    summary = (kind.__doc__ or "").strip().splitlines()[0]
    return f"| `{topic.name}` | {topic.key} | {kept} | [`{kind.SCHEMA}`]({FOLDER}/{file_name(kind)}) | {summary} |"


def main() -> None:
    """Write the files to the folder named on the command line."""
    parser = argparse.ArgumentParser(description="Write JSON Schemas and the AsyncAPI document.")
    parser.add_argument("folder", type=Path)
    write(parser.parse_args().folder)


if __name__ == "__main__":
    main()

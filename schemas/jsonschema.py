"""JSON Schema 2020-12 of every message, made from the types."""

from typing import Any

import msgspec

from schemas.base import Wire
from schemas.codec import encode
from schemas.examples import EXAMPLES
from schemas.topics import ALL, Topic

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def file_name(kind: type[Wire]) -> str:
    """`call.utterance/1` is described in `call.utterance.1.json`."""
    return f"{kind.SCHEMA.replace('/', '.')}.json"


def json_schema(kind: type[Wire], topic: Topic) -> dict[str, Any]:
    """The schema of one message with its example. Unknown fields are allowed: that is how a schema grows."""
    (reference,), parts = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    own = parts.pop(reference["$ref"].rsplit("/", 1)[-1])
    schema = {
        "$schema": DIALECT,
        "$id": f"urn:tocsin:schema:{kind.SCHEMA.replace('/', ':')}",
        **own,
        "additionalProperties": True,
        "examples": [msgspec.json.decode(encode(each)) for each in EXAMPLES if type(each) is kind],
        "x-topic": topic.name,
        "x-key": topic.key,
    }
    if parts:
        schema["$defs"] = {name: parts[name] for name in sorted(parts)}
    return schema


def json_schemas() -> dict[str, dict[str, Any]]:
    """Every message's schema by file name."""
    return {file_name(kind): json_schema(kind, topic) for topic in ALL for kind in topic.messages}

"""What is published in docs/reference is what the code says, and is valid by the standards it names."""

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from schemas import asyncapi, export, topics
from schemas import jsonschema as ours
from schemas.examples import EXAMPLES
from tests.support.tree import ROOT

REFERENCE = ROOT / "docs" / "reference"
KINDS = [(kind, topic) for topic in topics.ALL for kind in topic.messages]
ASYNCAPI = json.loads((Path(__file__).parent / "asyncapi-3.0.0.schema.json").read_text(encoding="utf-8"))


def test_the_published_files_are_fresh():
    """`make schemas` writes them; what is committed is neither behind the code nor ahead of it."""
    found = {path.relative_to(REFERENCE).as_posix() for path in REFERENCE.rglob("*") if path.is_file()}
    assert found == set(export.files())
    stale = [name for name, text in export.files().items() if (REFERENCE / name).read_text(encoding="utf-8") != text]
    assert not stale, "run `make schemas`"


def test_writing_removes_what_is_gone(tmp_path):
    """A schema that no longer exists does not stay published."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "gone.1.json").write_text("{}")
    export.write(tmp_path)
    export.write(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")} == set(export.files())


@pytest.mark.parametrize(("kind", "topic"), KINDS, ids=lambda value: getattr(value, "SCHEMA", ""))
def test_each_schema_is_valid_and_so_are_its_examples(kind, topic):
    """Draft 2020-12, its own id, open for fields to come, with at least one example that holds."""
    schema = ours.json_schema(kind, topic)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"].startswith("urn:tocsin:schema:")
    assert schema["additionalProperties"] is True
    assert schema["examples"]
    validator = jsonschema.Draft202012Validator(schema)
    for example in schema["examples"]:
        validator.validate(example)
        assert msgspec.convert(example, kind) in EXAMPLES
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(example | {"schema": "another/1"})


def test_schema_ids_are_unique():
    """Two schemas under one id would hide each other."""
    ids = [schema["$id"] for schema in ours.json_schemas().values()]
    assert len(set(ids)) == len(ids) == len(KINDS)


def test_the_asyncapi_document_is_valid():
    """By the specification's own schema, Kafka bindings 0.5.0 included."""
    jsonschema.Draft7Validator(ASYNCAPI).validate(asyncapi.asyncapi())


def test_the_schema_of_asyncapi_looks_at_kafka():
    """The check above would be worth little if it let a wrong binding pass."""
    document = asyncapi.asyncapi()
    document["channels"]["ticks"]["bindings"]["kafka"]["topicConfiguration"]["retention.ms"] = "six hours"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(ASYNCAPI).validate(document)


def test_every_reference_in_the_document_leads_somewhere():
    """References inside the document and to the files beside it."""
    document = asyncapi.asyncapi()
    files = export.files()

    def references(node):
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            for inner in node.values():
                yield from references(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from references(inner)

    for reference in set(references(document)):
        if not reference.startswith("#/"):
            assert reference in files
            continue
        node = document
        for step in reference[2:].split("/"):
            node = node[step]


def test_every_topic_is_a_channel():
    """With its partitions, its key, its retention, and the word about transactions."""
    document = asyncapi.asyncapi()
    assert {channel["address"] for channel in document["channels"].values()} == set(topics.by_name)
    assert "read_committed" in document["info"]["description"]
    ticks = document["channels"]["ticks"]["bindings"]["kafka"]
    assert ticks["topicConfiguration"] == {"cleanup.policy": ["delete"], "retention.ms": 21_600_000}
    assert ticks["partitions"] == topics.PARTITIONS

"""The AsyncAPI 3.0 document: topics as channels with their Kafka settings, who sends, who receives, what is on them."""

from datetime import timedelta
from typing import Any

from schemas.base import Wire
from schemas.cloudevents import SOURCE, SPEC_VERSION
from schemas.jsonschema import DIALECT, file_name
from schemas.topics import ALL, PARTITIONS, Direction, Topic

BINDING = "0.5.0"
DESCRIPTION = """\
Every topic of Tocsin. Tocsin writes in Kafka transactions: a reader must set `isolation.level=read_committed`, or it
sees records of transactions that are aborted later. A record is plain JSON with its schema id in `schema`, or a
CloudEvent in binary or structured mode. Topics that stages read, ticks and changelogs have the same number of
partitions (`x-co-partitioned`) and the partitioner murmur2 on the bytes of the key, Kafka's default."""

_READ_BY_US = (Direction.INBOUND, Direction.INTERNAL)
_WRITTEN_BY_US = (Direction.OUTBOUND, Direction.INTERNAL)


def asyncapi() -> dict[str, Any]:
    """The document."""
    kinds = sorted({kind for topic in ALL for kind in topic.messages}, key=lambda kind: kind.SCHEMA)
    return {
        "asyncapi": "3.0.0",
        "id": "urn:tocsin",
        "info": {"title": "Tocsin", "version": "1.0.0", "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {_id(topic): _channel(topic) for topic in ALL},
        "operations": {
            f"{action}-{_id(topic)}": _operation(topic, action)
            for topic in ALL
            for action, directions in (("receive", _READ_BY_US), ("send", _WRITTEN_BY_US))
            if topic.direction in directions
        },
        "components": {
            "messages": {_message_id(kind): _message(kind) for kind in kinds},
            "messageTraits": {"cloudEvent": {"headers": _HEADERS}},
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    config: dict[str, Any] = {"cleanup.policy": [topic.clean_up.value], "retention.ms": -1}
    if topic.retention is not None:
        config["retention.ms"] = topic.retention // timedelta(milliseconds=1)
    if topic.max_message_bytes is not None:
        config["max.message.bytes"] = topic.max_message_bytes
    binding = {
        "topic": topic.name,
        "partitions": PARTITIONS,
        "topicConfiguration": config,
        "bindingVersion": BINDING,
    }
    return {
        "address": topic.name,
        "description": f"Key: {topic.key}. Behind the deployment's topic prefix.",
        "messages": {
            _message_id(kind): {"$ref": f"#/components/messages/{_message_id(kind)}"} for kind in topic.messages
        },
        "bindings": {"kafka": binding},
        "x-direction": topic.direction.value,
        "x-co-partitioned": topic.is_co_partitioned,
    }


def _operation(topic: Topic, action: str) -> dict[str, Any]:
    channel = f"#/channels/{_id(topic)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{_message_id(kind)}"} for kind in topic.messages],
        "x-isolation-level": "read_committed",
    }


def _message(kind: type[Wire]) -> dict[str, Any]:
    key = next(topic.key for topic in ALL if kind in topic.messages)
    summary = (kind.__doc__ or "").strip().splitlines()[0]
    return {
        "name": kind.SCHEMA,
        "title": kind.__name__,
        "summary": summary,
        "contentType": "application/json",
        "payload": {
            "schemaFormat": f"application/schema+json;version=draft-{DIALECT.split('/')[-2]}",
            "schema": {"$ref": f"schemas/{file_name(kind)}"},
        },
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "bindings": {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": BINDING}},
    }


def _id(topic: Topic) -> str:
    return topic.name.replace(".", "-")


def _message_id(kind: type[Wire]) -> str:
    return kind.SCHEMA.replace("/", "-")


_HEADERS = {
    "type": "object",
    "description": f"CloudEvents {SPEC_VERSION}, binary mode. What stands here may be left out of the body.",
    "properties": {
        "ce_specversion": {"type": "string", "const": SPEC_VERSION},
        "ce_id": {"type": "string", "description": "the event id"},
        "ce_source": {"type": "string", "description": f"`{SOURCE}` on what Tocsin writes"},
        "ce_type": {"type": "string", "description": "the schema id"},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"type": "string"},
    },
}

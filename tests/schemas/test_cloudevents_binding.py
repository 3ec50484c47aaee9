"""CloudEvents on Kafka, against the project's own library: it writes and we read, we write and it reads."""

import json

import pytest
from cloudevents.core.bindings.kafka import from_kafka, to_binary, to_structured
from cloudevents.core.v1.event import CloudEvent

"""The engine leans on names that nobody promised it; an upgrade that moves one must fail here, by name."""

import ast
import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher, FetchResult
from aiokafka.consumer.subscription_state import TopicPartitionState
from faust.transport.drivers import aiokafka as driver

from agents.engine import private
from agents.engine.batches import BatchConsumer, BatchTransport
from agents.engine.private import PRIVATE_ATTRIBUTES, PRIVATE_NAMES, PrivateName

HOLDERS: dict[str, Any] = {
    "AIOKafkaConsumerThread": driver.AIOKafkaConsumerThread,
    "AIOKafkaConsumer": AIOKafkaConsumer.__init__,
    "AIOKafkaClient": AIOKafkaClient.__init__,
    "TopicPartitionState": TopicPartitionState.__init__,
    "Fetcher": Fetcher.__init__,
    "FetchResult": FetchResult.__init__,
    "Consumer": faust.transport.consumer.Consumer.__init__,
}


@pytest.mark.parametrize("found", PRIVATE_NAMES, ids=lambda found: f"{found.owner}.{found.name}")
def test_name_is_where_the_engine_expects_it(found: PrivateName) -> None:
    """Each method or constant still exists in the place it is overridden or called."""
    module, _, owner = found.owner.partition(":")
    holder = import_module(module)
    assert hasattr(getattr(holder, owner) if owner else holder, found.name), found.why


@pytest.mark.parametrize(("owner", "name"), PRIVATE_ATTRIBUTES, ids=lambda value: value)
def test_attribute_is_set_by_its_owner(owner: str, name: str) -> None:
    """Each instance attribute is still assigned by the class that the engine reads it from."""
    holder = HOLDERS[owner]
    source = inspect.getsource(holder) + (inspect.getsource(driver.Consumer) if owner == "Consumer" else "")
    if owner == "Consumer":
        source += inspect.getsource(faust.transport.consumer.ThreadDelegateConsumer.__init__)
    assert f"self.{name}" in source or f"    {name}:" in source


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        pytest.param(driver.AIOKafkaConsumerThread._fetch_records, ["consumer", "active_partitions", "timeout",
                     "max_records"], id="fetch"),
        pytest.param(Fetcher.fetched_records, ["partitions", "timeout", "max_records"], id="drain"),
        pytest.param(driver.Consumer.getmany, ["timeout"], id="getmany"),
        pytest.param(driver.Consumer._add_gap, ["tp", "offset_from", "offset_to"], id="gap"),
    ],
)  # fmt: skip
def test_signature_is_the_one_that_is_called(method: Any, parameters: list[str]) -> None:
    """A renamed or added parameter is as bad as a renamed method."""
    assert list(inspect.signature(method).parameters)[1:] == parameters


def test_every_private_name_of_others_is_on_the_list() -> None:
    """What the engine touches under a leading underscore is its own, Python's, or guarded above."""
    touched, own = set[str](), {"_replace", "_exit"}
    for path in Path(private.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                own.add(node.name)
            elif isinstance(node, ast.AnnAssign | ast.Assign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in (each for place in targets for each in ast.walk(place)):
                    if isinstance(target, ast.Name):
                        own.add(target.id)
                    elif isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                        own.add(target.attr)
            elif isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
                touched.add(node.attr)
    guarded = {each.name for each in PRIVATE_NAMES} | {name for _, name in PRIVATE_ATTRIBUTES}
    assert touched - own - guarded == set()


def test_transport_makes_the_batch_consumer() -> None:
    """Faust builds the consumer from a class attribute; ours must be the one it finds."""
    assert BatchTransport.Consumer is BatchConsumer

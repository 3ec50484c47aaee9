"""Fixtures for every test: the session's real Kafka, started only when a test asks for it. And who runs beside whom."""

from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.beside import entered, in_order, is_alone
from tests.support.kafka import kafka, start_broker

__all__ = ["kafka", "start_broker"]

ROOM = pytest.StashKey[Path]()
# An example judges no time: beside other tests the second one may well take longer than the first.
settings.register_profile("unhurried", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    """A process of pytest-xdist shares a folder with the others."""
    if hasattr(config, "workerinput"):
        config.stash[ROOM] = Path(config.option.basetemp).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whoever asks for a broker is an end-to-end test; nobody has to remember the mark."""
    for item in items:
        if {"kafka", "start_broker"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.e2e)
    if ROOM in config.stash:
        items[:] = in_order(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test with its fixtures: training a model disturbs a measurement as much as a test does."""
    room = item.config.stash.get(ROOM, None)
    if room is None:
        return (yield)
    with entered(room, alone=is_alone(item)):
        return (yield)

"""Fixtures for every test: the session's real Kafka, started only when a test asks for it."""

import pytest

from tests.support.kafka import kafka, start_broker

__all__ = ["kafka", "start_broker"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a broker is an end-to-end test; nobody has to remember the mark."""
    for item in items:
        if {"kafka", "start_broker"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.e2e)

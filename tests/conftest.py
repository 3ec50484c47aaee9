"""Fixtures and options for every test: the session's real Kafka, started only when a test asks for it."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.support.kafka import kafka, start_broker

__all__ = ["kafka", "start_broker"]

BROKER_FIXTURES = {"kafka", "start_broker"}

# A shared machine stalls now and then: how long one example took says nothing about the code.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# CI repeats: the same examples each time, so that a red run is the commit's doing. Fuzz targets raise the number.
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a broker is an end-to-end test, whatever folder it is in: `make unit` leaves it out."""
    for item in items:
        if BROKER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("e2e")

"""Fixtures for every test: the session's real Kafka, started only when a test asks for it."""

from tests.support.kafka import kafka, start_broker

__all__ = ["kafka", "start_broker"]

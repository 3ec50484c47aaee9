"""Names of Faust and aiokafka that are not their public contract and that the engine leans on all the same.

`tests/agents/engine/test_private_names.py` looks for each of them, so an upgrade that moves one fails in CI and says
which, instead of losing records in production. A name belongs here from the day that the engine first touches it.
"""

from typing import NamedTuple


class PrivateName(NamedTuple):
    """Where the name is defined, the name, and what the engine needs it for."""

    owner: str  # module:Class, or module alone
    name: str
    why: str


PRIVATE_NAMES = (
    PrivateName("faust.app.base:App", "_new_transport", "our transport with the batch consumer"),
    PrivateName("faust.transport.drivers.aiokafka:Transport", "Consumer", "class attribute that names the consumer"),
    PrivateName("faust.transport.drivers.aiokafka:Consumer", "_new_consumer_thread", "our consumer thread"),
    PrivateName("mode.services:Service", "_crash", "what of Faust fails ends the process with our own code"),
    PrivateName("faust.transport.consumer:Consumer", "perform_seek", "start and rebalance ask for no offsets twice"),
    PrivateName("faust.transport.consumer:Consumer", "_get_active_partitions", "partitions Faust lets flow"),
    PrivateName("faust.transport.consumer:Consumer", "_new_offset", "positions travel in transactions, not here"),
    PrivateName("faust.transport.consumer:Consumer", "_add_gap", "no gap bookkeeping for batches"),
    PrivateName("faust.transport.consumer:Consumer", "_drain_messages", "reads getmany and _read_offset"),
    PrivateName("faust.transport.consumer:ThreadDelegateConsumer", "_getmany", "fetch in the consumer's thread"),
    PrivateName("faust.transport.drivers.aiokafka:AIOKafkaConsumerThread", "_fetch_records", "drain raw records"),
    PrivateName(
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread", "_create_worker_consumer", "read_committed, range"
    ),
    PrivateName("faust.transport.drivers.aiokafka:AIOKafkaConsumerThread", "_ensure_consumer", "the aiokafka consumer"),
    PrivateName("aiokafka.consumer.fetcher:PartitionRecords", "_consumer_record", "hand out the C record itself"),
    PrivateName("aiokafka.consumer.fetcher:Fetcher", "_create_fetch_waiter", "be woken when a fetch has arrived"),
    PrivateName("aiokafka.consumer.fetcher:Fetcher", "fetched_records", "drain what was fetched"),
    PrivateName("aiokafka.producer.sender", "BACKOFF_OVERRIDE", "20 ms between transactions is an eternity"),
)

# Attributes that exist on instances only; the same test builds the instances.
PRIVATE_ATTRIBUTES = (
    ("AIOKafkaConsumerThread", "_consumer"),
    ("AIOKafkaConsumer", "_isolation_level"),
    ("AIOKafkaConsumer", "_fetch_max_wait_ms"),
    ("AIOKafkaConsumer", "_fetch_min_bytes"),
    ("AIOKafkaConsumer", "_partition_assignment_strategy"),
    ("AIOKafkaConsumer", "_subscription"),
    ("AIOKafkaConsumer", "_client"),
    ("AIOKafkaConsumer", "_fetcher"),
    ("AIOKafkaConsumer", "_closed"),
    ("AIOKafkaClient", "_conns"),
    ("TopicPartitionState", "highwater"),
    ("TopicPartitionState", "timestamp"),
    ("Fetcher", "_records"),
    ("Fetcher", "_closed"),
    ("Fetcher", "_subscriptions"),
    ("FetchResult", "_partition_records"),
    ("Consumer", "_read_offset"),
    ("Consumer", "_unacked_messages"),
    ("Consumer", "_thread"),
)

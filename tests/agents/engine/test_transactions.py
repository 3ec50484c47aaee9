"""Where a record goes: by Kafka's own partitioner, so that every other client agrees."""

import pytest

from agents.engine.transactions import Record, grouped, partition_of

# murmur2 of Kafka's Java client (org.apache.kafka.common.utils.Utils, UtilsTest#testMurmur2).
JAVA_MURMUR2 = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize(("key", "murmur2"), JAVA_MURMUR2.items(), ids=str)
@pytest.mark.parametrize("partitions", [1, 4, 7, 64])
def test_partition_is_the_java_client_s(key: bytes, murmur2: int, partitions: int) -> None:
    """The vectors are from Kafka's own tests."""
    assert partition_of(key, partitions) == (murmur2 & 0x7FFFFFFF) % partitions


def test_grouping_keeps_the_order_of_each_destination() -> None:
    """Order within a key is order within a partition."""
    first, second, third = (Record(b"k", str(number).encode()) for number in range(3))
    groups = grouped([(("a", 0), first), (("b", 1), second), (("a", 0), third)])
    assert groups == {("a", 0): [first, third], ("b", 1): [second]}

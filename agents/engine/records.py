"""Raw records out of aiokafka: the C record itself instead of a ConsumerRecord built for each (2–3 µs saved a record).

A C record carries `offset`, `timestamp`, `key`, `value` and `headers`, which is all a stage reads.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition

from schemas.codec import Raw


def _as_is(_tp: TopicPartition, record: Raw) -> Raw:
    return record


async def drain_raw(
    fetcher: Any, tps: Collection[TopicPartition], *, timeout_seconds: float, max_records: int
) -> Mapping[TopicPartition, Sequence[Raw]]:
    """Raw records that have been fetched for `tps`; waits once, up to the timeout, where there are none yet.

    At most `max_records` over all partitions; what is left stays in the fetcher and holds its next fetch back.
    """
    for attempt in range(2):
        for result in fetcher._records.values():
            batches = getattr(result, "_partition_records", None)  # a FetchError has none
            if batches is not None:
                batches._consumer_record = _as_is
        drained: Mapping[TopicPartition, Sequence[Raw]] = await fetcher.fetched_records(
            tps, timeout=0, max_records=max_records
        )
        if drained or attempt:
            return drained
        waiter = fetcher._create_fetch_waiter()
        done, _ = await asyncio.wait([waiter], timeout=timeout_seconds)
        if not done:
            waiter.cancel()
            return {}
        waiter.result()  # raises what the fetcher cannot get over by itself, such as a missing authorisation
    return {}

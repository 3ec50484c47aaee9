"""Asking again for topics of which the leader of a group was told nothing.

A broker that has just come back answers for a moment without brokers or topics. aiokafka takes that for an answer and
asks again after five minutes (`metadata_max_age_ms`): as long whoever leads has nothing to share out, and every worker
stands idle beside a broker that works.
"""

import asyncio
from collections.abc import Collection
from typing import Any

ASK_SECONDS = 1.0


class UnknownTopics:
    """Topics that are asked for until their partitions are known; then aiokafka lets the group share out anew."""

    def __init__(self, client: Any) -> None:
        self._client = client  # aiokafka's, of the consumer
        self._topics: set[str] = set()
        self._asking: asyncio.Task[None] | None = None

    def ask_for(self, topics: Collection[str]) -> None:
        """Begin to ask, in the running loop; whoever asks already asks for these from now on."""
        self._topics = set(topics)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="unknown-topics")

    async def _ask(self) -> None:
        while any(self._client.cluster.partitions_for_topic(topic) is None for topic in self._topics):
            self._client.force_metadata_update()  # answered in the background, if at all
            await asyncio.sleep(ASK_SECONDS)

"""Positions: up to where every notification of a partition is finished, though they finish in any order."""

from collections.abc import Iterable


class Positions:
    """What is open of each partition, and the next offset to be read by whoever starts after us."""

    def __init__(self) -> None:
        self._open: dict[int, dict[int, str]] = {}  # by partition: offset and notification id, in order of offsets
        self._next: dict[int, int] = {}

    def begin(self, partition: int) -> None:
        """A partition is ours from now on."""
        self._open[partition], self._next[partition] = {}, -1

    def end(self, partition: int) -> Iterable[str]:
        """A partition is no longer ours; what of it was open."""
        self._next.pop(partition, None)
        return self._open.pop(partition, {}).values()

    def read(self, partition: int, offset: int, notification_id: str | None) -> None:
        """A record was read; None where nothing is to be done about it."""
        if partition in self._open:
            self._next[partition] = offset + 1
            if notification_id is not None:
                self._open[partition][offset] = notification_id

    def partition_of(self, notification_id: str) -> int | None:
        """Where an open notification stands; its receipts belong beside it, or nobody would find them."""
        for partition, records in self._open.items():
            if notification_id in records.values():
                return partition
        return None

    def finish(self, notification_id: str) -> None:
        """A notification is finished, wherever it stands."""
        for records in self._open.values():
            for offset in [offset for offset, name in records.items() if name == notification_id]:
                del records[offset]

    def next_offsets(self) -> dict[int, int]:
        """The oldest open offset of each partition, or the one after the last that was read."""
        return {
            partition: min(self._open[partition], default=after)
            for partition, after in self._next.items()
            if after >= 0
        }

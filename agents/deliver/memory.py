"""Memory: which notifications are finished and when each channel sent last, read back from the receipts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.deliver.paged import message_id
from agents.engine.connection import Connection
from schemas import codec
from schemas.codec import Record
from schemas.deliveries import Receipt, Result
from schemas.topics import RECEIPTS

# A notification is news for six hours at most; receipts of older ones are of no use.
LOOK_BACK_MS = 6 * 60 * 60 * 1000
CARDS_MAX = 10_000  # of one channel; the oldest stay as they are
FINISHED_MAX = 100_000  # of one partition, besides those that receipts told as it began; a repeat comes soon or never
FINAL = frozenset(
    {Result.SENT, Result.DELIVERED, Result.FAILED_PERM, Result.BUNDLED, Result.EXPIRED, Result.SUPPRESSED}
)


class Cards:
    """Which card stands last for each incident and receiver of one channel, by the vendor's name of it."""

    def __init__(self) -> None:
        self._refs: dict[tuple[str, str], str] = {}

    def put(self, incident_id: str, to: str, ref: str) -> None:
        """A card was sent or drawn anew; without a name it stays as it is from now on."""
        self._refs.pop((incident_id, to), None)
        if ref:
            self._refs[incident_id, to] = ref
            if len(self._refs) > CARDS_MAX:
                del self._refs[next(iter(self._refs))]

    def get(self, incident_id: str, to: str) -> str:
        """The name of the card; "" where none can be drawn anew."""
        return self._refs.get((incident_id, to), "")

    def take_in(self, others: "Cards") -> None:
        """Cards that were sent before us."""
        for (incident_id, to), ref in others:
            self.put(incident_id, to, ref)

    def __iter__(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Incident and receiver, and the name of the card."""
        return iter(self._refs.items())


class Finished:
    """Which notifications of one partition are finished: what receipts told, and what was finished here since."""

    def __init__(self, before: frozenset[str] = frozenset()) -> None:
        self._before = before
        self._since: dict[str, None] = {}  # in order of time

    def add(self, notification_id: str) -> None:
        """One more; of too many the oldest is forgotten."""
        self._since[notification_id] = None
        if len(self._since) > FINISHED_MAX:
            del self._since[next(iter(self._since))]

    def __contains__(self, notification_id: str) -> bool:
        """Whether a record repeats what is finished."""
        return notification_id in self._before or notification_id in self._since


class Remembered(NamedTuple):
    """What receipts tell."""

    finished: frozenset[str]
    sent_at_ms: dict[str, list[int]]  # by channel, in order of time
    cards: dict[str, Cards]  # by channel


async def remember(connection: Connection, partitions: Sequence[int], *, now_ms: int) -> dict[int, Remembered]:
    """Read the partitions' receipts of the last hours, to their end as reading starts."""
    consumer = AIOKafkaConsumer(
        **connection.client_options,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=20,
    )
    receipts: dict[int, list[Receipt]] = {partition: [] for partition in partitions}
    await consumer.start()
    try:
        tps = [TopicPartition(connection.topic(RECEIPTS), partition) for partition in partitions]
        consumer.assign(tps)
        left: dict[TopicPartition, int] = await consumer.end_offsets(tps) if tps else {}
        since = await consumer.offsets_for_times(dict.fromkeys(tps, now_ms - LOOK_BACK_MS)) if tps else {}
        for tp, found in since.items():
            consumer.seek(tp, left[tp] if found is None else found.offset)
        while left := {tp: end for tp, end in left.items() if await consumer.position(tp) < end}:
            for tp, records in (await consumer.getmany(*left, timeout_ms=200)).items():
                raw = [Record(each.offset, each.timestamp, each.key, each.value, each.headers) for each in records]
                receipts[tp.partition] += codec.decode_batch(RECEIPTS, raw, tp.partition).events
    finally:
        await consumer.stop()
    return {partition: remembered(each) for partition, each in receipts.items()}


def remembered(receipts: Iterable[Receipt]) -> Remembered:
    """What some receipts tell. Whatever reached a vendor counts against its pace, also what it refused."""
    finished: set[str] = set()
    sent: dict[str, dict[str, int]] = {}
    cards: dict[str, Cards] = {}
    for receipt in receipts:
        if receipt.result in FINAL:
            finished.add(receipt.notification_id)
        if receipt.result is Result.SENT:
            cards.setdefault(receipt.channel, Cards()).put(receipt.incident_id, receipt.to, receipt.card_ref)
        if receipt.channel and receipt.attempt:
            sent.setdefault(receipt.channel, {})[message_id(receipt)] = receipt.at
    return Remembered(
        frozenset(finished),
        {channel: sorted(each.values()) for channel, each in sent.items()},
        cards,
    )

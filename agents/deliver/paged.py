"""Pages: when each person was told, over all channels and by whichever process; the receipts of all of them tell."""

import asyncio

from aiokafka import AIOKafkaConsumer

from agents.engine.connection import Connection
from pipeline.incidents.plan import GROUP
from pipeline.times import HOUR_MS
from schemas import codec
from schemas.codec import Record
from schemas.deliveries import Receipt
from schemas.topics import RECEIPTS


class Paged:
    """When each person was told within the last hour. A message counts once, however many tell of it."""

    def __init__(self) -> None:
        self._at_ms: dict[str, dict[str, int]] = {}  # by person and message

    def note(self, person: str, message: str, at_ms: int) -> None:
        """Somebody is told; a whole group is nobody."""
        if person in {"", GROUP}:
            return
        lately = {name: told_ms for name, told_ms in self._at_ms.get(person, {}).items() if told_ms > at_ms - HOUR_MS}
        self._at_ms[person] = lately | {message: max(at_ms, lately.get(message, 0))}

    def take(self, receipt: Receipt) -> None:
        """What a receipt tells: an attempt is a page whether its vendor took it or not."""
        if receipt.attempt and not receipt.redraws:
            self.note(receipt.to, message_id(receipt), receipt.at)

    def at_ms(self) -> dict[str, list[int]]:
        """The moments of each person, in order of time."""
        return {person: sorted(told.values()) for person, told in self._at_ms.items()}


def message_id(receipt: Receipt) -> str:
    """What was sent, as everybody names it: a bundle is one message, each attempt at a single notification is one."""
    return receipt.bundle_id or attempt_id(receipt.notification_id, receipt.attempt)


def attempt_id(notification_id: str, attempt: int) -> str:
    """One attempt at a single notification."""
    return f"{notification_id}:{attempt}"


async def hear(connection: Connection, paged: Paged, *, caught_up: asyncio.Event, now_ms: int) -> None:
    """Take the receipts of the last hour and all that come; says when it has those that were there as it began."""
    consumer = AIOKafkaConsumer(
        connection.topic(RECEIPTS),
        **connection.client_options,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        tps = list(consumer.assignment())
        left: dict[object, int] = await consumer.end_offsets(tps)
        since = await consumer.offsets_for_times(dict.fromkeys(tps, now_ms - HOUR_MS))
        for tp, found in since.items():
            consumer.seek(tp, left[tp] if found is None else found.offset)
        while True:
            left = {tp: end for tp, end in left.items() if await consumer.position(tp) < end}
            if not left:
                caught_up.set()
            for tp, records in (await consumer.getmany(timeout_ms=500)).items():
                raw = [Record(each.offset, each.timestamp, each.key, each.value, each.headers) for each in records]
                for receipt in codec.decode_batch(RECEIPTS, raw, tp.partition).events:
                    paged.take(receipt)
    finally:
        await consumer.stop()

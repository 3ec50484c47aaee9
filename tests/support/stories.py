"""One event of a story, for tests on a broker that care about its way and not about its words."""

import json
import time

from agents.engine.transactions import partition_of
from tests.support.topics import Sent


def chat_complaint(prefix: str, *, partitions: int = 4) -> Sent:
    """A complaint that nobody can overhear, said now."""
    now_ms = int(time.time() * 1000)
    record = {
        "schema": "chat.message/1", "event_id": "e", "source": "test", "occurred_at": now_ms, "sent_at": now_ms,
        "conversation_id": "c", "message_id": "m", "role": "customer", "sender_id": "s", "channel": "web",
        "text": "我要投诉你们", "content_type": "text",
    }  # fmt: skip
    return Sent(f"{prefix}chats.messages", partition_of(b"c", partitions), b"c", json.dumps(record).encode(), now_ms)

"""A little history for back-tests: chats of two days and regions, of which a new word concerns some."""

import json
from datetime import UTC, datetime
from typing import Any

from agents.recording.records import Recorded
from pipeline.backtest.ledger import Ledger
from pipeline.backtest.report import Report, report
from schemas.alerts import Alert
from schemas.evidence import Evidence
from schemas.vocabulary import Level
from tests.support.alerts import DAY, HOUR_START_MS, MINUTE, alert

NEW_WORD = "胀气鼓包"  # nothing of the shipped pack is in it


def said(number: int, text: str, at_ms: int, *, region: str = "440000") -> Recorded:
    """One message of a customer, as it stood on the topic."""
    body = {
        "schema": "chat.message/1",
        "event_id": f"e{number}-{at_ms}",
        "source": "test",
        "occurred_at": at_ms,
        "conversation_id": f"c{number}",
        "message_id": f"m{at_ms}",
        "role": "customer",
        "sender_id": "s1",
        "channel": "app",
        "text": text,
        "content_type": "text",
        "sent_at": at_ms,
        "region": region,
    }
    return Recorded("chats.messages", at_ms, f"c{number}".encode(), json.dumps(body, ensure_ascii=False).encode())


def history(start_ms: int = HOUR_START_MS) -> list[Recorded]:
    """c1 complains in words that every pack knows, c2 and c3 only in the new one, c4 is content, c5 threatens later."""
    return [
        said(1, "我要投诉，必须退款，电话13800138000", start_ms),
        said(5, "太失望了", start_ms + MINUTE),
        said(2, f"手机{NEW_WORD}，电话13800138000", start_ms + 2 * MINUTE),
        said(5, "我现在就打12315举报你们", start_ms + 4 * MINUTE),
        said(4, "谢谢，东西很好", start_ms + 5 * MINUTE),
        said(3, f"也是{NEW_WORD}", start_ms + DAY, region="310000"),
    ]


def utc(at_ms: int) -> str:
    """A moment as the command line takes it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def comparison() -> Report:
    """One conversation told of by both packs, one only before, one only after; the truth of two is known."""
    before, after = (Ledger(since_ms=0, until_ms=HOUR_START_MS + DAY) for _ in range(2))
    both = _rise(1, "两边都有", "level.high_risk:both", level=Level.HIGH_RISK, lead_ms=MINUTE)
    for ledger, alerts in (
        (before, (both, _rise(2, "旧的说法", "level.explicit:old"))),
        (after, (both, _rise(3, "新的说法，电话13800138000", "level.explicit:new"))),
    ):
        for each in alerts:
            ledger.take(each)
    truth = {"c1": True, "c3": False, "c2": False}
    return report(before, after, versions=("old", "new"), truth=truth, least=Level.EXPLICIT)


def _rise(number: int, text: str, rule: str, **changes: Any) -> Alert:
    evidence = Evidence(rule=rule, version="v", utterance_id="u", char_start=0, char_end=2, text_masked=text)
    return alert(number, conversation_id=f"c{number}", evidence=(evidence,), **changes)

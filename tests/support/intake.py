"""An intake for tests: a file with its secrets, requests as the vendors sign them, a publisher that only notes."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.intake.load import Loaded, load_intake
from agents.listening.publisher import Outgoing
from tests.support.webhooks import COMPANY_SECRET, NOON, NOON_MS, SECRET

FILE = """\
customer_secret: {file: company}
body_bytes_max: 20000
answer_within_seconds: 4
sources:
  - name: helpdesk
    kind: zendesk
    path: /in/zendesk
    secrets: [{file: secret}]
    requests_per_second: 1
    burst: 5
  - name: chat
    kind: chatwoot
    path: /in/chatwoot
    id_prefix: cw-
    secrets: [{file: secret}]
  - name: crm
    kind: generic
    path: /in/crm
    secrets: [{file: secret}]
    auth: {scheme: bearer}
    records:
      - topic: tickets.events
        each: items
        fields:
          ticket_id: item.id
          event: {value: updated}
          status: {from: item.state, default: open}
          priority: {value: normal}
          occurred_at: {received: true}
"""


def write_intake(folder: Path, text: str = FILE) -> Path:
    """The file and its secrets in a folder."""
    (folder / "company").write_bytes(COMPANY_SECRET + b"\n")
    (folder / "secret").write_bytes(SECRET + b"\n")
    path = folder / "intake.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str = FILE) -> Loaded:
    """The file, read."""
    return load_intake(write_intake(folder, text))


def zendesk_request(
    body: Mapping[str, Any], *, stamp: str = NOON, secret: bytes = SECRET
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a request of Zendesk."""
    data = json.dumps(body).encode()
    digest = hmac.new(secret, stamp.encode() + data, hashlib.sha256).digest()
    return data, {
        "Content-Type": "application/json",
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }


def chatwoot_request(body: Mapping[str, Any], *, stamp: int = NOON_MS // 1000) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a request of Chatwoot."""
    data = json.dumps(body).encode()
    digest = hmac.new(SECRET, f"{stamp}.".encode() + data, hashlib.sha256).hexdigest()
    return data, {
        "Content-Type": "application/json",
        "X-Chatwoot-Signature": f"sha256={digest}",
        "X-Chatwoot-Timestamp": str(stamp),
    }


def bearer_request(body: Any) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a request with a token."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return data, {"Content-Type": "application/json", "Authorization": f"Bearer {SECRET.decode()}"}


class NotingPublisher:
    """Notes what would be sent. Proves wiring; delivery is proved on a real Kafka."""

    def __init__(self) -> None:
        self.is_available = True
        self.entered = asyncio.Event()
        self.released = asyncio.Event()
        self.released.set()
        self.sent: list[Outgoing] = []

    async def publish(self, records: list[Outgoing], *, within_seconds: float) -> bool:
        """Say what a broker would, once released."""
        self.entered.set()
        await self.released.wait()
        if self.is_available:
            self.sent += records
        return self.is_available

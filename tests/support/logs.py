"""What a worker says of itself: the events of its log, and the answers of its probes."""

import json
import urllib.error
import urllib.request
from typing import Any

from tests.support.cluster import Worker


def said(worker: Worker, *events: str) -> list[dict[str, Any]]:
    """What the worker's log has of these events."""
    lines = [json.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] in events]


def asked(worker: Worker, path: str) -> str:
    """What the worker's operations server answers, be it yes or no."""
    (listens,) = said(worker, "ops_listens")
    try:
        with urllib.request.urlopen(f"{listens['url']}/{path}", timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.read().decode()


def reasons(worker: Worker, probe: str) -> dict[str, str]:
    """The reason of each check of a probe."""
    return {check["name"]: check["reason"] for check in json.loads(asked(worker, probe))["checks"]}

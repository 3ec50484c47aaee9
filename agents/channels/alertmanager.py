"""Prometheus Alertmanager, API v2: incidents as alerts among those that a company has already."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from pydantic import SecretStr

from agents.channels.answers import by_status
from agents.channels.base import Answer, Judgement, Message, Request
from schemas.deliveries import Outcome
from schemas.vocabulary import Level

# Without an end Alertmanager would take the alert for over after its `resolve_timeout`, five minutes by default.
_LASTS = timedelta(hours=4)


class Alertmanager:
    """One Alertmanager, by the address of its API; `token` where it stands behind something that asks for one."""

    def __init__(self, url: SecretStr, token: SecretStr | None = None) -> None:
        self._url = url
        self._token = token

    def request(self, message: Message, *, now_ms: int) -> Request:
        """One alert; labels say which, annotations say what. It ends at every level that it may have been told at."""
        headers = {"Content-Type": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        return Request(self._url, orjson.dumps(alerts(message, now_ms=now_ms)), headers)

    def judge(self, answer: Answer) -> Judgement:
        """Success is 2xx."""
        return by_status(answer) or Judgement(Outcome.ACCEPTED, f"http {answer.status}")


def alerts(message: Message, *, now_ms: int) -> list[dict[str, Any]]:
    """The alert of an incident; when it is over, also those of the levels from which it may have risen."""
    level = message.card.level
    below = (
        [each for each in (Level.EXPLICIT, Level.POTENTIAL) if each.rank < level.rank] if message.card.is_over else []
    )
    return [alert(message, each, now_ms=now_ms) for each in (level, *below)]


def alert(message: Message, level: Level, *, now_ms: int) -> dict[str, Any]:
    """The alert of an incident at a level."""
    card = message.card
    ends_ms = now_ms if card.is_over else now_ms + int(_LASTS.total_seconds() * 1000)
    return {
        "labels": {
            "alertname": "TocsinIncident",
            "incident": message.dedup_key,
            "level": level.value,
            "region": message.region,
        },
        "annotations": {
            "summary": card.title,
            "description": "\n".join(f"{fact.name}：{fact.value}" for fact in card.facts),
        },
        # The clock of whoever decided may be ahead of ours, and what ends before it starts is refused.
        "startsAt": _rfc3339(min(message.at_ms or now_ms, now_ms)),
        "endsAt": _rfc3339(ends_ms),
        "generatorURL": card.buttons[0].url if card.buttons else "",
    }


def _rfc3339(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

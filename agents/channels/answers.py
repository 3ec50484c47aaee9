"""What an answer means. HTTP 200 is not success: the Chinese vendors put their errors into the body.

Judged by code and never by message, as the vendors themselves ask. An unknown code other than 0 is a refusal: the
message is not sent again as it is, and the next channel gets it.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from agents.channels.base import Answer, Judgement
from schemas.deliveries import Outcome

Codes = Mapping[int, Outcome]


def by_status(answer: Answer) -> Judgement | None:
    """What the HTTP status says by itself; None where it says nothing (2xx)."""
    code = f"http {answer.status}"
    if 200 <= answer.status < 300:
        return None
    if answer.status == 429:
        return Judgement(Outcome.RATE_LIMITED, code, answer.retry_after)
    if answer.status in {401, 403}:
        return Judgement(Outcome.UNAUTHORISED, code)
    if answer.status == 408 or answer.status >= 500:
        return Judgement(Outcome.UNREACHABLE, code, answer.retry_after)
    return Judgement(Outcome.REFUSED, code)  # a redirect too: it is not followed, and the setting is wrong


def by_code(answer: Answer, *, field: str, codes: Codes, rate_limited_for: timedelta) -> Judgement:
    """What the code in the body says, at any HTTP status; without a readable code, what the status says."""
    body = body_of(answer)
    code = body.get(field)
    if isinstance(code, bool) or not isinstance(code, int):
        return by_status(answer) or Judgement(Outcome.UNREACHABLE, "no code")
    if code == 0:
        return by_status(answer) or Judgement(Outcome.ACCEPTED, "0")
    outcome = codes.get(code, Outcome.REFUSED)
    if outcome is Outcome.RATE_LIMITED:
        return Judgement(outcome, str(code), answer.retry_after or rate_limited_for)
    return Judgement(outcome, str(code)[:20])


def name_in(body: Mapping[str, Any], field: str) -> str:
    """What a vendor calls something; "" where it names nothing, or not as text."""
    name = body.get(field)
    return name if isinstance(name, str) else ""


def body_of(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty where there is none."""
    try:
        body = orjson.loads(answer.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

"""Values out of an untrusted JSON document: found by a path, and read as text, number, truth or moment.

Every reader takes whatever stands there and gives None where it means nothing to us; none raises.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import msgspec

from schemas.base import MAX_COUNT

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRUTHS = {"true": True, "false": False, "1": True, "0": False}


def pick(document: Any, path: str) -> Any:
    """What stands at `path`: names and list positions with dots between, `a.b.0`; None where nothing does."""
    for step in path.split("."):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and len(step) <= 4:
            document = document[int(step)] if int(step) < len(document) else None
        else:
            return None
    return document


def text_of(value: Any) -> str | None:
    """A text as it is; a number or truth value as JSON writes it: many systems send ids as numbers."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):  # a longer one is no id, and Python refuses to write it out
        return str(value) if abs(value) <= 2**63 else None
    return str(value) if isinstance(value, float) else None


def id_of(value: Any) -> str | None:
    """An id as text; empty, blank and 0 mean that there is none."""
    text = (text_of(value) or "").strip()
    return text if text not in {"", "0"} else None


def number_of(value: Any) -> float | None:
    """A number, also where it was sent as text."""
    if isinstance(value, str) and len(value) <= 32:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_COUNT:
        return None
    return value


def integer_of(value: Any) -> int | None:
    """A whole number, also where it was sent as text or with a fraction of nothing."""
    number = number_of(value)
    return int(number) if number is not None and float(number).is_integer() else None


def truth_of(value: Any) -> bool | None:
    """True or false, also as text or as 1 and 0."""
    return _TRUTHS.get((text_of(value) or "").lower())


def texts_of(value: Any) -> list[str] | None:
    """A list of texts; one text is a list between commas."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return None
    found = [(text_of(each) or "").strip() for each in value]
    return [each for each in found if each]


def millis_of(value: Any, *, unit_ms: int = 1, zone: tzinfo | None = None) -> int | None:
    """Milliseconds: of a number in units of `unit_ms`, or since the epoch of a time that is written out with its zone.

    Both `2026-01-01T08:00:00+08:00` and `2026-01-01 00:00:00 UTC` are understood; a time without a zone is one of
    `zone`, and means nothing where that is not known.
    """
    number = number_of(value)
    if number is not None:
        return round(number * unit_ms)
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        moment = msgspec.convert(value.strip().replace(" UTC", "Z"), datetime)
        if moment.tzinfo is None:
            if zone is None:
                return None
            moment = moment.replace(tzinfo=zone)
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    except (msgspec.ValidationError, OverflowError):
        return None

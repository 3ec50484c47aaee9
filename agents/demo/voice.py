"""The sample day's questionnaires and reviews: written in `voice.yaml`, made into the records of a survey system."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from agents.demo.clock import moment_ms
from agents.recording.records import Recorded
from schemas.vocabulary import Level

FILE = Path(__file__).with_name("voice.yaml")
_AS_WRITTEN = ("kind", "touchpoint", "region", "stars", "platform", "product", "score")
_SOURCE = "demo-survey"
_SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 5)}
_REGIONS = ("440000", "310000", "330000", "510000", "110000", "320000", "420000", "370000")
_FIRST_MINUTE, _LAST_MINUTE = 8 * 60 + 5, 15 * 60 + 20  # in which somebody says nothing but a number


@dataclass(frozen=True, slots=True)
class Opinion:
    """One answer, and what its comment should be judged as."""

    id: str  # of the conversation that a comment becomes
    level: Level
    written: dict[str, Any]


def opinions() -> list[Opinion]:
    """The day's answers: those with a comment, then those without."""
    written = yaml.safe_load(FILE.read_text("utf-8"))
    return [
        Opinion(f"feedback:{_SOURCE}:answer-{number}", Level(each.get("level", "none")), each)
        for number, each in enumerate((*written["comments"], *_bare(written["scores"])), 1)
    ]


def voice_records() -> list[Recorded]:
    """Every answer at its moment of the day; a review that the house has answered is sent again then."""
    found = []
    for each in opinions():
        given_ms = moment_ms(each.written["at"])
        body = _body(each) | {"occurred_at": given_ms}
        found.append(_record(body, given_ms))
        if "answered" in each.written:
            answered_ms = moment_ms(each.written["answered"])
            again = {"event_id": f"{body['event_id']}-answered", "answered_at": answered_ms}
            found.append(_record(body | again, answered_ms))
    return found


def _bare(scores: dict[str, list[int]]) -> Iterator[dict[str, Any]]:
    """Answers of one number, at even distances."""
    for kind, given in scores.items():
        for number, score in enumerate(given):
            minute = _FIRST_MINUTE + number * (_LAST_MINUTE - _FIRST_MINUTE) // (len(given) - 1)
            is_review = kind == "review"
            yield {
                "at": f"{minute // 60:02}:{minute % 60:02}",
                "kind": kind,
                "touchpoint": "web" if is_review else "sms",
                "region": _REGIONS[number % len(_REGIONS)],
                **({"stars": score, "platform": "shop"} if is_review else {"score": score}),
            }


def _body(opinion: Opinion) -> dict[str, Any]:
    written = opinion.written
    response_id = opinion.id.removeprefix(f"feedback:{_SOURCE}:")
    body = {
        "schema": "feedback.response/1",
        "event_id": response_id,
        "source": _SOURCE,
        "survey_id": "public" if written["kind"] == "review" else "after-service",
        "response_id": response_id,
        **{name: written[name] for name in _AS_WRITTEN if name in written},
    }
    if "score" in written:
        body["scale_min"], body["scale_max"] = _SCALES[written["kind"]]
    return body | ({"comment": written["says"]} if "says" in written else {})


def _record(body: dict[str, Any], at_ms: int) -> Recorded:
    return Recorded("feedback.responses", at_ms, body["response_id"].encode(), orjson.dumps(body))

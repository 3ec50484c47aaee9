"""What the night shift did, as a call system tells it later: states of agents, hour by hour of the clock.

They keep their lengths however fast the day is replayed, because all of them are told at once.
"""

from collections.abc import Iterator

import orjson

from agents.demo.clock import moment_ms
from agents.recording.records import Recorded
from pipeline.times import HOUR_MS, MINUTE_MS

_ENDED_AT, _TOLD_AT = "08:00", "13:30"
_HOURS = 7
# Agent, where they sit, and how many minutes of an hour they talk and write up; the others they are ready.
_NIGHT_SHIFT = (
    ("agent-21", "440000", 33, 14),
    ("agent-22", "440000", 35, 12),
    ("agent-23", "510000", 29, 15),
    ("agent-24", "510000", 36, 13),
)


def shift_records() -> list[Recorded]:
    """The states of every agent of the shift."""
    told_ms, ended_ms = moment_ms(_TOLD_AT), moment_ms(_ENDED_AT)
    found = []
    for agent, region, talks, writes in _NIGHT_SHIFT:
        for number, (since_ms, state) in enumerate(_states(ended_ms, talks, writes)):
            body = {
                "schema": "agent.state/1",
                "event_id": f"{agent}-{number}",
                "source": "demo-telephony",
                "occurred_at": since_ms,
                "agent_id": agent,
                "state": state,
                "since": since_ms,
                "region": region,
            }
            found.append(Recorded("agents.states", told_ms, agent.encode(), orjson.dumps(body)))
    return found


def _states(until_ms: int, talks: int, writes: int) -> Iterator[tuple[int, str]]:
    for hour_ms in range(until_ms - _HOURS * HOUR_MS, until_ms, HOUR_MS):
        yield hour_ms, "talking"
        yield hour_ms + talks * MINUTE_MS, "acw"
        yield hour_ms + (talks + writes) * MINUTE_MS, "ready"
    yield until_ms, "offline"

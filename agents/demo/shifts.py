"""What the sample day's agents did, as a call system tells it: they log in for the calls that we know of."""

from collections.abc import Iterable

import orjson

from agents.recording.records import Recorded

_SITES = ("440000", "510000")  # of agents with even and with odd numbers
_READY_MS, _WRITE_UP_MS = 25_000, 40_000


def shift_records(calls: Iterable[tuple[str, int, int]]) -> list[Recorded]:
    """The states of agents around calls that are given as (agent, begin, end), in milliseconds since 1970."""
    found: dict[str, list[tuple[int, str]]] = {}
    for agent, begins_ms, ends_ms in sorted(calls, key=lambda call: call[1]):
        states = found.setdefault(agent, [])
        while states and states[-1][0] >= begins_ms - _READY_MS:  # the next call comes before all is written up
            states.pop()
        states += [
            (begins_ms - _READY_MS, "ready"),
            (begins_ms, "talking"),
            (ends_ms, "acw"),
            (ends_ms + _WRITE_UP_MS, "offline"),
        ]
    return [_record(agent, at_ms, state) for agent, states in found.items() for at_ms, state in states]


def _record(agent: str, at_ms: int, state: str) -> Recorded:
    body = {
        "schema": "agent.state/1",
        "event_id": f"{agent}-{at_ms}",
        "source": "demo-telephony",
        "occurred_at": at_ms,
        "agent_id": agent,
        "state": state,
        "since": at_ms,
        "region": _SITES[int(agent[-2:]) % 2],
    }
    return Recorded("agents.states", at_ms, agent.encode(), orjson.dumps(body))

"""Hold a drill: send the storm, wait until what it led to has settled, read what it left on the topics."""

import asyncio
import time

from agents.drill.report import Records, Report, is_known, report_of
from agents.drill.storm import DrillError, Storm
from agents.recording.follow import follow
from agents.recording.replay import Pace, replay
from agents.settings import Settings
from pipeline.incidents.plan import Plan
from schemas.alerts import Alert
from schemas.deliveries import Notification, Receipt
from schemas.incidents import Incident
from schemas.sla_clocks import TicketClocks
from schemas.topics import ALERTS, INCIDENTS, NOTIFICATIONS, RECEIPTS, SLA_CLOCKS

_LOOK_SECONDS = 2.0
_TICK_SECONDS = 5.0  # the clock of the log comes once a second, and what it leads to has to be sent


async def hold(settings: Settings, storm: Storm, plan: Plan, *, wait_seconds: float) -> Report:
    """The storm from its first event to its report; waits at most so long until everything has come to its end.

    Raises where a drill of that name was held: what it left would be taken for what this one comes to.
    """
    if is_known(storm.name, await _read(settings)):
        raise DrillError(f"a drill of the name {storm.name} was held; choose another, or none: then it is the moment")
    started_at_ms = time.time_ns() // 1_000_000
    pace = Pace(events_per_second=storm.events_per_second)
    await replay(settings, storm.records(started_at_ms=started_at_ms), pace=pace)
    deadline = time.monotonic() + wait_seconds
    longest = max((route.group_wait.total_seconds() for route in plan.routes), default=0.0)
    settled_at = time.monotonic() + longest + _TICK_SECONDS  # before that a group may still wait for company
    while True:
        report = await look_back(settings, storm.name, plan)
        now = time.monotonic()
        if (report.is_good and now >= settled_at) or now >= deadline:
            return report
        await asyncio.sleep(_LOOK_SECONDS)


async def look_back(settings: Settings, name: str, plan: Plan) -> Report:
    """The report of a drill as it stands now."""
    return report_of(name, await _read(settings), plan)


async def _read(settings: Settings) -> Records:
    """All that is kept of five topics, and no customer's words."""
    found: dict[type, list[object]] = {kind: [] for kind in (Alert, Incident, Notification, Receipt, TicketClocks)}
    read = (ALERTS, INCIDENTS, NOTIFICATIONS, RECEIPTS, SLA_CLOCKS)
    async with follow(settings, read, from_start=True) as follower:
        for seen in await follower.until_now():
            value = seen.decoded()
            found[type(value)].append(value)
    return Records(*found.values())  # type: ignore[arg-type]

"""Whether this worker lives, is ready, has started: one pure judgement on a snapshot of facts.

Nothing here asks a clock or the broker. "The process answers" is not life: a consumer can go deaf while the process
stays up, so life is measured by progress. And a broker that is away is no reason to kill a worker: a lag that nobody
could refresh proves nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from agents.ops.views import PartitionView

LOOP_ANSWERS_WITHIN_SECONDS = 10.0
PROGRESS_WITHIN_SECONDS = 120.0
LAG_KNOWN_WITHIN_SECONDS = 60.0


class Probe(StrEnum):
    """What is asked."""

    LIVE = "live"  # no: end this process and start another
    READY = "ready"  # no: it does not do its work yet, or not rightly
    STARTUP = "startup"  # no: still starting, the other two do not count yet


class Reason(StrEnum):
    """Why a check holds or does not; closed, so that a runbook can name each."""

    OK = "ok"
    NOT_STARTED = "not_started"
    LOOP_STUCK = "loop_stuck"
    WATCHDOG_DEAD = "watchdog_dead"
    RECOVERING = "recovering"
    LAG_UNKNOWN = "lag_unknown"
    NO_PROGRESS = "no_progress"
    NO_ASSIGNMENT = "no_assignment"
    STANDBY = "standby"
    RULES_MISSING = "rules_missing"
    BROKER_AWAY = "broker_away"
    TOPICS_UNCHECKED = "topics_unchecked"
    TOPICS_DIFFER = "topics_differ"
    NOT_CONFIGURED = "not_configured"
    NEVER_CONNECTED = "never_connected"
    STOPPING = "stopping"
    TOO_MANY_REFUSED = "too_many_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthState:
    """The facts at one moment, ages already computed."""

    configured: bool = False  # settings read and accepted
    connected: bool = False  # the broker answered once
    loop_age_seconds: float | None = None  # since the main loop's last heartbeat; None before the first
    watchdog_alive: bool = False
    assigned: bool = False  # the group told us what we own, even if that is nothing
    partitions: Sequence[PartitionView] = ()
    rules_version: str = ""
    topic_problems: Sequence[str] | None = None  # None until the topics were compared with the table
    stopping: bool = False
    broker_silent_seconds: float = 0.0  # since anything was heard of the broker; 0 while it is heard

    def report(self) -> "HealthReport":
        """Judge these facts."""
        return judge(self)


class Check(NamedTuple):
    """One answer: what was looked at, whether it holds, why, and how old the fact is where it ages."""

    name: str
    ok: bool
    reason: Reason
    detail: str = ""
    age_seconds: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The check as the endpoint shows it."""
        age = None if self.age_seconds is None else round(self.age_seconds, 3)
        return {"name": self.name, "ok": self.ok, "reason": self.reason, "age_seconds": age, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class HealthReport:
    """Every check of every probe."""

    checks: Mapping[Probe, Sequence[Check]]

    def ok(self, probe: Probe) -> bool:
        """Whether all checks of `probe` hold."""
        return all(check.ok for check in self.checks[probe])

    def as_json(self, probe: Probe) -> dict[str, Any]:
        """The body of one endpoint."""
        checks = [check.as_json() for check in self.checks[probe]]
        return {"probe": probe, "ok": self.ok(probe), "checks": checks}


class Judged(Protocol):
    """Facts that can be judged: a worker's, an intake's."""

    def report(self) -> HealthReport:
        """Every check of every probe."""
        ...


def judge(state: HealthState) -> HealthReport:
    """Judge one snapshot; the same facts always give the same report."""
    return HealthReport({probe: [check(state) for check in checks] for probe, checks in _CHECKS.items()})


def _loop(state: HealthState) -> Check:
    return loop_check(state.loop_age_seconds)


def loop_check(age: float | None) -> Check:
    """Whether the main loop answers, by the age of its last heartbeat in seconds."""
    if age is None:  # a long recovery may come before the first beat; the watchdog has a deadline for that
        return Check("loop", ok=True, reason=Reason.NOT_STARTED, detail="no heartbeat yet")
    if age > LOOP_ANSWERS_WITHIN_SECONDS:
        detail = "the main loop does not answer"
        return Check("loop", ok=False, reason=Reason.LOOP_STUCK, detail=detail, age_seconds=age)
    return Check("loop", ok=True, reason=Reason.OK, age_seconds=age)


def _watchdog(state: HealthState) -> Check:
    """Asked of a worker that works: before the first heartbeat and while it ends, nobody needs to watch."""
    if state.loop_age_seconds is None:
        return Check("watchdog", ok=True, reason=Reason.NOT_STARTED)
    if state.stopping:
        return Check("watchdog", ok=True, reason=Reason.STOPPING)
    if not state.watchdog_alive:
        return Check("watchdog", ok=False, reason=Reason.WATCHDOG_DEAD, detail="nobody would notice a deaf consumer")
    return Check("watchdog", ok=True, reason=Reason.OK)


def _progress(state: HealthState) -> Check:
    """The partition that is worst off speaks for all; one that is held stands still on purpose."""
    stuck = [view for view in state.partitions if _is_stuck(view)]
    if stuck:
        worst = max(stuck, key=lambda view: view.last_progress_age_seconds)
        detail = f"partition {worst.partition}: {sum(worst.lag.values())} records wait"
        return Check(
            "progress", ok=False, reason=Reason.NO_PROGRESS, detail=detail, age_seconds=worst.last_progress_age_seconds
        )
    if any(view.held for view in state.partitions):
        return Check("progress", ok=True, reason=Reason.TOO_MANY_REFUSED)
    if any(view.recovering_seconds is not None for view in state.partitions):
        return Check("progress", ok=True, reason=Reason.RECOVERING)
    if any(view.lag_age_seconds > LAG_KNOWN_WITHIN_SECONDS for view in state.partitions):
        age = max(view.lag_age_seconds for view in state.partitions)
        return Check("progress", ok=True, reason=Reason.LAG_UNKNOWN, detail="the broker does not tell", age_seconds=age)
    return Check("progress", ok=True, reason=Reason.OK)


def _is_stuck(view: PartitionView) -> bool:
    return (
        view.recovering_seconds is None
        and not view.held
        and view.lag_age_seconds <= LAG_KNOWN_WITHIN_SECONDS
        and view.last_progress_age_seconds > PROGRESS_WITHIN_SECONDS
        and any(records > 0 for records in view.lag.values())
    )


def _broker(state: HealthState) -> Check:
    return broker_check(state.broker_silent_seconds)


def broker_check(silent_seconds: float) -> Check:
    """Whether a broker answers, by how long none was heard. Of readiness only: ending does not bring a broker back."""
    if silent_seconds:
        detail = "no broker answers; records wait in Kafka, and work goes on when it is back"
        return Check("broker", ok=False, reason=Reason.BROKER_AWAY, detail=detail, age_seconds=silent_seconds)
    return Check("broker", ok=True, reason=Reason.OK)


def _assignment(state: HealthState) -> Check:
    if not state.assigned:
        return Check("assignment", ok=False, reason=Reason.NO_ASSIGNMENT, detail="the group has not told what we own")
    if not state.partitions:
        return Check("assignment", ok=True, reason=Reason.STANDBY, detail="more workers than partitions")
    owned = ", ".join(str(view.partition) for view in state.partitions)
    return Check("assignment", ok=True, reason=Reason.OK, detail=f"partitions {owned}")


def _recovery(state: HealthState) -> Check:
    waiting = [view for view in state.partitions if not view.ready]
    if waiting:
        age = max(view.recovering_seconds or 0.0 for view in waiting)
        detail = "partitions " + ", ".join(str(view.partition) for view in waiting)
        return Check("recovery", ok=False, reason=Reason.RECOVERING, detail=detail, age_seconds=age)
    return Check("recovery", ok=True, reason=Reason.OK)


def _dead_letters(state: HealthState) -> Check:
    """Of readiness only: a worker that is ended here would be started, and held, again."""
    held = next((view.held for view in state.partitions if view.held), "")
    if held:
        return Check("dead_letters", ok=False, reason=Reason.TOO_MANY_REFUSED, detail=held)
    return Check("dead_letters", ok=True, reason=Reason.OK)


def _rules(state: HealthState) -> Check:
    if not state.rules_version:
        return Check("rules", ok=False, reason=Reason.RULES_MISSING, detail="no rule pack is loaded")
    return Check("rules", ok=True, reason=Reason.OK, detail=state.rules_version)


def _topics(state: HealthState) -> Check:
    return topics_check(state.topic_problems, unchecked="not compared with the table yet")


def topics_check(problems: Sequence[str] | None, *, unchecked: str) -> Check:
    """Whether topics are as they should be; `unchecked` says what it means that nobody knows yet (None)."""
    if problems is None:
        return Check("topics", ok=False, reason=Reason.TOPICS_UNCHECKED, detail=unchecked)
    if problems:
        return Check("topics", ok=False, reason=Reason.TOPICS_DIFFER, detail="; ".join(problems))
    return Check("topics", ok=True, reason=Reason.OK)


def _configured(state: HealthState) -> Check:
    return fact_check("configured", ok=state.configured, otherwise=Reason.NOT_CONFIGURED)


def _connected(state: HealthState) -> Check:
    return fact_check("connected", ok=state.connected, otherwise=Reason.NEVER_CONNECTED)


def _not_stopping(state: HealthState) -> Check:
    return fact_check("running", ok=not state.stopping, otherwise=Reason.STOPPING)


def fact_check(name: str, *, ok: bool, otherwise: Reason) -> Check:
    """A check that says no more than its one fact."""
    return Check(name, ok=ok, reason=Reason.OK if ok else otherwise)


_CHECKS: Mapping[Probe, Sequence[Callable[[HealthState], Check]]] = {
    Probe.LIVE: (_loop, _watchdog, _progress),
    Probe.READY: (_not_stopping, _broker, _assignment, _recovery, _dead_letters, _rules, _topics),
    Probe.STARTUP: (_configured, _connected),
}

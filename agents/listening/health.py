"""Whether a process that listens for others lives, is ready, has started: as of a worker, by other facts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agents.ops.health import Check, HealthReport, Probe, Reason, fact_check, loop_check, topics_check


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerState:
    """The facts at one moment."""

    configured: bool = False  # files and secrets were read and accepted
    listening: bool = False
    loop_age_seconds: float | None = None  # since the main loop's last heartbeat; None before the first
    has_connected: bool = False  # the broker answered once
    is_connected: bool = False  # it does now
    topic_problems: Sequence[str] | None = None  # None until the topics were looked for
    stopping: bool = False

    def report(self) -> HealthReport:
        """Judge these facts; the same facts always give the same report."""
        return HealthReport({probe: [check(self) for check in checks] for probe, checks in _CHECKS.items()})


def _loop(state: ListenerState) -> Check:
    return loop_check(state.loop_age_seconds)


def _not_stopping(state: ListenerState) -> Check:
    return fact_check("running", ok=not state.stopping, otherwise=Reason.STOPPING)


def _broker(state: ListenerState) -> Check:
    """Who is not ready gets no requests, and their senders keep them for later."""
    if state.is_connected:
        return Check("broker", ok=True, reason=Reason.OK)
    if not state.has_connected:
        return Check("broker", ok=False, reason=Reason.NEVER_CONNECTED)
    return Check("broker", ok=False, reason=Reason.BROKER_AWAY, detail="what comes is answered with 503")


def _topics(state: ListenerState) -> Check:
    return topics_check(state.topic_problems, unchecked="not looked for yet")


def _configured(state: ListenerState) -> Check:
    return fact_check("configured", ok=state.configured, otherwise=Reason.NOT_CONFIGURED)


def _listening(state: ListenerState) -> Check:
    return fact_check("listening", ok=state.listening, otherwise=Reason.NOT_STARTED)


_CHECKS: Mapping[Probe, Sequence[Callable[[ListenerState], Check]]] = {
    Probe.LIVE: (_loop,),
    Probe.READY: (_not_stopping, _broker, _topics),
    Probe.STARTUP: (_configured, _listening),
}

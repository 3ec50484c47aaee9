"""Whether a process that follows topics lives and is ready: what is asked of every process, on its own facts."""

from dataclasses import dataclass

from agents.ops.health import Check, HealthReport, Probe, Reason, broker_check, loop_check


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerState:
    """The facts at one moment."""

    is_loaded: bool = False  # what it needs of the past is known
    loop_age_seconds: float | None = None  # since the main loop last read from the broker; None before the first
    broker_silent_seconds: float = 0.0  # since anything was heard of the broker; 0 while it is heard

    def report(self) -> HealthReport:
        """Judge these facts."""
        loop = loop_check(self.loop_age_seconds)
        reason = Reason.OK if self.is_loaded else Reason.RECOVERING
        loaded = Check("loaded", ok=self.is_loaded, reason=reason)
        broker = broker_check(self.broker_silent_seconds)
        return HealthReport({Probe.LIVE: [loop], Probe.READY: [broker, loaded], Probe.STARTUP: [loaded]})

"""Whether a hint server lives and is ready: the questions asked of every process, on its own facts."""

from dataclasses import dataclass

from agents.health import Check, HealthReport, Probe, Reason, loop_check


@dataclass(frozen=True, slots=True, kw_only=True)
class HintsState:
    """The facts at one moment."""

    is_loaded: bool = False  # the last minutes are known
    loop_age_seconds: float | None = None  # since the main loop last read from the broker; None before the first

    def report(self) -> HealthReport:
        """Judge these facts."""
        loop = loop_check(self.loop_age_seconds)
        reason = Reason.OK if self.is_loaded else Reason.RECOVERING
        loaded = Check("loaded", ok=self.is_loaded, reason=reason)
        return HealthReport({Probe.LIVE: [loop], Probe.READY: [loaded], Probe.STARTUP: [loaded]})

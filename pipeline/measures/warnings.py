"""Warnings ahead: whether a conversation was warned of before its customer threatened, and how long before."""

from pipeline.kpis.measure import duration, share
from schemas.alerts import Alert
from schemas.kpis import Kpi, Measures
from schemas.vocabulary import RISES, Level


def measures_of_warning(alert: Alert) -> Measures:
    """What a rise to high risk adds; a further threat at that level and a drill add nothing."""
    is_rise = alert.kind in RISES and alert.level is Level.HIGH_RISK and alert.previous_level is not Level.HIGH_RISK
    if not is_rise or alert.test:
        return {}
    if not alert.lead_ms:  # the threat came without a sign before it
        return {Kpi.WARNED_AHEAD: share(0, 1)}
    return {Kpi.WARNED_AHEAD: share(1, 1), Kpi.LEAD_TIME: duration(alert.lead_ms)}

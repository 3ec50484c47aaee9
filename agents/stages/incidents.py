"""The incidents stage: alerts and actions in, incidents and notifications out. `pipeline.incidents` decides."""

from functools import partial

from pipeline.conversation.advice import AdviceBook
from pipeline.incidents.book import IncidentRow
from pipeline.incidents.fold import fold
from pipeline.incidents.plan import Plan
from pipeline.stage import Stage
from schemas.topics import (
    ACTION_AUDITS,
    ACTIONS,
    ALERTS,
    CROSSINGS,
    INCIDENTS,
    LINKS,
    NOTIFICATIONS,
    RECEIPTS,
    TICKS,
)


def incidents_stage(plan: Plan, *, advice: AdviceBook) -> Stage[IncidentRow]:
    """The stage with the plan that it goes by. Alerts come first in a turn: who acts has seen one."""
    return Stage(
        name="incidents",
        sources=(ALERTS, ACTIONS, CROSSINGS, TICKS),
        row=IncidentRow,
        outputs=(INCIDENTS, NOTIFICATIONS, RECEIPTS, ACTION_AUDITS, LINKS, CROSSINGS, ALERTS),
        decide=partial(fold, plan=plan, advice=advice),
    )

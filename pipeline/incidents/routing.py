"""Routing: which chain an alert goes to. The first route that matches wins; without one nobody is told."""

from pipeline.incidents.plan import Plan, Route
from schemas.alerts import Alert
from schemas.vocabulary import Level


def route_of(alert: Alert, plan: Plan) -> Route | None:
    """The route of an alert."""
    return next((route for route in plan.routes if _takes(route, alert)), None)


def _takes(route: Route, alert: Alert) -> bool:
    return (
        (not route.kinds or alert.kind in route.kinds)
        and (not route.levels or (alert.level or Level.NONE) in route.levels)
        and (not route.regions or alert.region in route.regions)
        and (not route.reasons or any(reason.l1 in route.reasons for reason in alert.reasons))
        and (not route.queues or alert.queue in route.queues)
    )

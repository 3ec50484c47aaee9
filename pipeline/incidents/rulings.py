"""Rulings: whether an action may be taken at all, and the record of what became of it."""

from pipeline.incidents.plan import Plan
from pipeline.incidents.roles import Role
from pipeline.text.redact import redact
from schemas.actions import Action, ActionSource
from schemas.audits import NOTE_CHARS_MAX, ActionAudit, ActionResult

REMEMBERED_MS = 24 * 60 * 60 * 1000  # how long an action's id is known; of one with an end until that, if it is later
_GROUP_PREFIX = "channel:"


def group_actor(channel: str) -> str:
    """Who acts where a link was sent to a whole chat group: the group, since nobody can say which of its members."""
    return f"{_GROUP_PREFIX}{channel}"


def role_of(actor: str, plan: Plan) -> Role | None:
    """The role of a person or group of the plan; None for anybody else."""
    if actor.startswith(_GROUP_PREFIX):
        return Role.OPERATOR
    person = plan.people.get(actor)
    return person.role if person is not None else None


def refusal(action: Action, plan: Plan, *, at_ms: int) -> ActionResult | None:
    """Why an action is not taken whatever it is about; None where nothing speaks against it."""
    if action.not_after is not None and at_ms > action.not_after:
        return ActionResult.EXPIRED
    return None if _may_act(action, plan) else ActionResult.NOT_ALLOWED


def remembered_until_ms(action: Action, *, at_ms: int) -> int:
    """Until when a repeat is known as one: at least for as long as the link or button can be used."""
    return max(at_ms + REMEMBERED_MS, action.not_after or 0)


def audited(action: Action, result: ActionResult, *, at_ms: int) -> ActionAudit:
    """The record of an action. Notes are masked: people write down what customers told them."""
    return ActionAudit(
        action_id=action.action_id,
        action=action.action,
        result=result,
        region=action.region,
        actor=action.actor,
        source=action.source,
        at=at_ms,
        incident_id=action.incident_id or "",
        alert_id=action.alert_id or "",
        verdict=action.verdict,
        note=redact(action.note).text[:NOTE_CHARS_MAX] if action.note else "",
        silence=action.silence,
        silence_id=action.silence_id or "",
    )


def _may_act(action: Action, plan: Plan) -> bool:
    """Whether whoever acted may do so.

    The board has judged its own people by their tokens. A link and a card belong to the plan's people and groups. On
    the command line the plan's people have their role there too; an account that the plan does not know is let through,
    since whoever writes to the topic at all was let in by Kafka.
    """
    if action.source in {ActionSource.BOARD, ActionSource.API}:
        return True
    role = role_of(action.actor, plan)
    if role is None:
        return action.source is ActionSource.CLI
    return role.may(action.action)

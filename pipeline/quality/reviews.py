"""Reviews of findings: an agent appeals, an inspector looks again, a supervisor decides. A pure state machine.

    open ──appeal(agent)──> appealed ──rejudge(inspector)──> rejudged ──decide(supervisor)──> upheld | overturned
    open ──rejudge(inspector)──> rejudged      a second look that nobody asked for, such as of the manual sample

A finding that was withdrawn needs no review. Who may do what is decided here; who somebody is, the sender vouches for.
"""

from msgspec import Struct
from msgspec.structs import replace

from pipeline.text.redact import redact
from schemas.quality import AuditEntry, Judgement, ReviewAction, ReviewerRole, ReviewState, ReviewStep

MAX_AUDIT = 20

_ROLES = {
    ReviewStep.APPEAL: ReviewerRole.AGENT,
    ReviewStep.REJUDGE: ReviewerRole.INSPECTOR,
    ReviewStep.DECIDE: ReviewerRole.SUPERVISOR,
}
_FROM = {
    ReviewStep.APPEAL: (ReviewState.OPEN,),
    ReviewStep.REJUDGE: (ReviewState.OPEN, ReviewState.APPEALED),
    ReviewStep.DECIDE: (ReviewState.REJUDGED,),
}
_DECIDED = {Judgement.UPHOLD: ReviewState.UPHELD, Judgement.OVERTURN: ReviewState.OVERTURNED}


class Review(Struct, frozen=True, omit_defaults=True, gc=False):
    """One finding under review: whose it is, where it stands, what was done."""

    check: str
    agent_id: str = ""
    state: ReviewState = ReviewState.OPEN
    audit: tuple[AuditEntry, ...] = ()
    summary_id: str = ""  # of the summary that alone told of it: a newer one without it takes it back


class Illegal(Struct, frozen=True):
    """Why an action is refused: the field, and what was expected. Never what it held."""

    path: str
    expected: str


def advance(review: Review | None, action: ReviewAction) -> Review | Illegal:
    """The review after an action, or why the action is refused."""
    if review is None:
        return Illegal("$.finding_id", "a finding of this conversation that is known, and not older than 35 days")
    role = _ROLES[action.step]
    if action.role is not role:
        return Illegal("$.role", f"{role}, who alone may take the step {action.step}")
    if review.state not in _FROM[action.step]:
        allowed = " or ".join(_FROM[action.step])
        return Illegal("$.step", f"a step that the state {review.state} allows; {action.step} needs {allowed}")
    if action.step is ReviewStep.APPEAL and review.agent_id and action.actor != review.agent_id:
        return Illegal("$.actor", "the agent whom the finding is about")
    if action.step is not ReviewStep.APPEAL and review.agent_id and action.actor == review.agent_id:
        return Illegal("$.actor", "somebody else than the agent whom the finding is about")
    if action.step is ReviewStep.DECIDE and any(entry.actor == action.actor for entry in review.audit):
        return Illegal("$.actor", "a supervisor who took no earlier step: four eyes see more than two")
    state = _after(action)
    entry = AuditEntry(
        action_id=action.action_id,
        step=action.step,
        actor=action.actor,
        role=action.role,
        at=action.at,
        state=state,
        judgement=action.judgement,
        note=redact(action.note).text if action.note else "",
    )
    return replace(review, state=state, audit=(*review.audit, entry)[-MAX_AUDIT:])


def _after(action: ReviewAction) -> ReviewState:
    if action.step is ReviewStep.APPEAL:
        return ReviewState.APPEALED
    if action.step is ReviewStep.REJUDGE or action.judgement is None:
        return ReviewState.REJUDGED
    return _DECIDED[action.judgement]

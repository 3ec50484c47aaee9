"""Checks that a company's own rules make: a rule that fires with a `check` is a finding like any other."""

from pipeline.conversation.state import Conversation, agent_at
from pipeline.conversation.tagged import as_evidence
from pipeline.findings import Finding
from pipeline.quality.reports import Desk, Spotted, tell
from schemas.quality import Basis, Severity


def tell_ruled(
    row: Conversation, finding: Finding, desk: Desk, *, at_ms: int, utterance_id: str, agent_id: str = ""
) -> None:
    """Tell what the rules behind a finding check: once for each turn that they point at.

    It is a finding about `agent_id`, who said it; else about the agent who had the customer at that time.
    """
    ruled = desk.lookups.service.ruled
    for sign in finding.signs:
        rule = ruled.get(sign.rule)
        if rule is not None:
            spotted = Spotted(
                rule.then.check,
                rule.zh,
                rule.then.check,
                Severity(rule.then.severity),
                Basis.SAID,
                at_ms,
                at_ms,
                utterance_id,
                as_evidence((sign,), utterance_id, desk.lookups) if sign.quote else (),
                is_each_time=True,
                agent_id=agent_id or agent_at(row, at_ms),
            )
            tell(row, spotted, desk)

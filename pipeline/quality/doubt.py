"""Doubtful words of agents: 不知道 is often harmless, and a denial right after the customer has complained."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from pipeline.conversation.state import FORBIDDEN, Trace
from pipeline.findings import Finding, Sign
from pipeline.rules.service import ForbiddenGroup

DOUBTFUL = "agent_doubtful:"  # a tag: the agent said something that this group forbids in some situations
RULE = "doubtful."


def settle(finding: Finding, traces: Sequence[Trace], at_ms: int, groups: Mapping[str, ForbiddenGroup]) -> Finding:
    """The finding with its doubtful words decided: forbidden after a sign of complaint, else as if not said."""
    if not any(tag.startswith(DOUBTFUL) for tag in finding.tags):
        return finding
    tags: list[str] = [tag for tag in finding.tags if not tag.startswith(DOUBTFUL)]
    counts: set[str] = set()
    for tag in finding.tags:
        group = groups.get(tag.removeprefix(DOUBTFUL)) if tag.startswith(DOUBTFUL) else None
        if group is not None and _follows_complaint(traces, at_ms, group.doubtful_within_ms):
            counts.add(group.id)
            tags += (each for each in ("forbidden", f"{FORBIDDEN}{group.id}") if each not in tags)
    return replace(finding, tags=tuple(tags), signs=tuple(_signs(finding, counts)))


def _follows_complaint(traces: Sequence[Trace], at_ms: int, within_ms: int) -> bool:
    return any(trace.is_complaint and 0 <= at_ms - trace.at_ms <= within_ms for trace in traces)


def _signs(finding: Finding, counts: set[str]) -> list[Sign]:
    signs = []
    for sign in finding.signs:
        rule = sign.rule.removeprefix(RULE)
        if rule == sign.rule:
            signs.append(sign)
        elif rule.partition(":")[0] in counts:
            signs.append(replace(sign, rule=f"forbidden.{rule}"))
    return signs

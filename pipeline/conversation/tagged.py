"""Tags: what one text showed, as it is published; one for each finding that tells somebody something."""

from pipeline.conversation.ids import fingerprint
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.reasons import as_reasons
from pipeline.conversation.said import Event, Said, agent_of
from pipeline.conversation.state import (
    AGENT,
    CUSTOMER,
    CUSTOMER_TYPE,
    FORBIDDEN,
    INQUIRY,
    NO_LEVEL,
    PREPARED,
    SOLVED,
    WITHDRAWN,
    Conversation,
    agent_at,
    tagged_with,
)
from pipeline.findings import Finding, Sign
from pipeline.watches.nature import CHECK, RULE
from schemas.base import MAX_LIST_ITEMS
from schemas.evidence import Evidence, Guard
from schemas.tagged import QualityFinding, Tag

_TELLING_TAGS = frozenset({WITHDRAWN, SOLVED, INQUIRY, PREPARED})  # worth publishing where the text is no complaint


def deserves_tag(finding: Finding, said: Said) -> bool:
    """Whether a finding is published: a level, a telling tag, or something an agent must not say."""
    if said.is_deleted:
        return False
    if said.role is AGENT:
        return bool(tagged_with(finding.tags, FORBIDDEN)) or _has_fired(finding)
    if said.role is not CUSTOMER or said.is_private:
        return False
    return _has_fired(finding) or finding.level is not NO_LEVEL or not _TELLING_TAGS.isdisjoint(finding.tags)


def _has_fired(finding: Finding) -> bool:
    """Whether a rule of the user's own fired, whatever its effect is."""
    return any(sign.rule.startswith(RULE) for sign in finding.signs)


def as_tag(
    row: Conversation, event: Event, said: Said, finding: Finding, *, lookups: Lookups, emitted_at_ms: int
) -> Tag:
    """The finding on one event as a record. What an agent says is a matter of quality and never has a level.

    It names who said it, or who had the customer then: a tag that comes late is not of whoever took over meanwhile.
    A list holds no more than a reader takes; with more the whole record would be refused.
    """
    is_customer = said.role is CUSTOMER
    return Tag(
        tag_id=fingerprint("tag", event.event_id),
        conversation_id=event.conversation_id,
        utterance_id=said.utterance_id,
        role=said.role,
        level=finding.level if is_customer else NO_LEVEL,
        score=finding.score if is_customer else 0,
        reasons=as_reasons(finding.reasons, lookups.reasons)[:MAX_LIST_ITEMS],
        keywords=finding.keywords[:MAX_LIST_ITEMS],
        evidence=as_evidence(finding.signs, said.utterance_id, lookups),
        guards=tuple(Guard(id=hit.guard) for hit in finding.guards[:MAX_LIST_ITEMS]),
        rules_version=lookups.rules_version,
        degraded=not lookups.model_version,
        model_version=lookups.model_version,
        confidence=finding.confidence if is_customer else None,
        region=row.region,
        region_source=row.region_source.value,
        channel=row.channel,
        occurred_at=event.occurred_at,
        emitted_at=emitted_at_ms,
        revision=said.revision,
        threats=finding.threats,
        tags=plain_tags(finding.tags)[:MAX_LIST_ITEMS],
        truncated=finding.truncated,
        customer_type=next(iter(tagged_with(finding.tags, CUSTOMER_TYPE)), ""),
        quality=_quality(finding, lookups),
        customer_key=row.customer_key,
        product=row.product,
        agent_id=(said.role is AGENT and agent_of(event)) or agent_at(row, event.occurred_at),
        tenant=row.tenant,
        test=row.test,
    )


def plain_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The tags that are nothing but tags; customer types and quality findings have fields of their own."""
    return tuple(tag for tag in tags if not tag.startswith((CUSTOMER_TYPE, FORBIDDEN, CHECK)))


def as_evidence(signs: tuple[Sign, ...], utterance_id: str, lookups: Lookups) -> tuple[Evidence, ...]:
    """Signs as they go on the wire."""
    return tuple(
        Evidence(
            rule=sign.rule,
            version=lookups.model_version if sign.rule.startswith("model.") else lookups.rules_version,
            utterance_id=utterance_id,
            char_start=sign.start,
            char_end=sign.end,
            text_masked=sign.quote,
            mark_start=sign.mark_start,
            mark_end=sign.mark_end,
            weight=sign.weight,
        )
        for sign in signs
    )


def _quality(finding: Finding, lookups: Lookups) -> tuple[QualityFinding, ...]:
    """The groups of forbidden phrases that were said, and the checks of rules that fired."""
    return tuple(
        QualityFinding(check=check, severity=lookups.severities.get(check, "major"))
        for prefix in (FORBIDDEN, CHECK)
        for check in tagged_with(finding.tags, prefix)
    )

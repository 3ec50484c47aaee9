"""Findings as they go out, and the note of each in the row, so that a thing is told once."""

from typing import NamedTuple

from msgspec.structs import replace

from pipeline.conversation.ids import record_id
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.state import Conversation, agent_at
from pipeline.quality.absence import QUESTIONS, Miss
from pipeline.quality.state import MAX_NOTED, Noted
from pipeline.rules.service import Anchor, ServiceCheck
from pipeline.stage import Output
from schemas.evidence import EvidenceList
from schemas.quality import Basis, FindingState, ServiceFinding, Severity
from schemas.topics import FINDINGS
from schemas.vocabulary import ChannelClass


class Spotted(NamedTuple):
    """Something that an agent did or left out."""

    check: str
    zh: str
    en: str
    severity: Severity
    basis: Basis
    since_ms: int
    at_ms: int
    utterance_id: str = ""
    evidence: EvidenceList = ()
    is_each_time: bool = False  # told for every utterance; otherwise once in an episode
    agent_id: str = ""  # whose it is; "" is who has the conversation now


class Desk(NamedTuple):
    """Where findings of one event go: whose conversation, by which rules, caused when."""

    conversation_id: str
    lookups: Lookups
    emitted_at_ms: int
    outputs: list[Output]


def missed(row: Conversation, miss: Miss, basis: Basis) -> Spotted:
    """A miss, ready to be told: of the agent who had the conversation when its time was over."""
    since_ms, at_ms = miss.since_ms, miss.until_ms
    agent_id = _who_missed(row, miss.check, since_ms, at_ms)
    return of_check(
        miss.check, basis, since_ms=since_ms, at_ms=at_ms, utterance_id=miss.utterance_id, agent_id=agent_id
    )


def _who_missed(row: Conversation, check: ServiceCheck, since_ms: int, at_ms: int) -> str:
    return agent_at(row, since_ms if check.after is Anchor.START else at_ms)  # who takes over need not greet


def of_check(
    check: ServiceCheck, basis: Basis, *, since_ms: int, at_ms: int, utterance_id: str, agent_id: str = ""
) -> Spotted:
    """What a check has seen."""
    return Spotted(
        check.id, check.zh, check.en, check.severity, basis, since_ms, at_ms, utterance_id, agent_id=agent_id
    )


def tell(row: Conversation, spotted: Spotted, desk: Desk) -> None:
    """Note a finding and publish it, unless it was told before; a minor one is only noted, for the summary."""
    noted = row.service.noted
    if len(noted) >= MAX_NOTED:
        return
    for each in noted:
        if each.check == spotted.check and not (spotted.is_each_time and each.utterance_id != spotted.utterance_id):
            return
    is_minor = spotted.severity is Severity.MINOR
    finding_id = _finding_id(row, spotted, desk)
    note = Noted(
        spotted.check,
        finding_id,
        spotted.since_ms,
        spotted.at_ms,
        spotted.utterance_id,
        is_minor=is_minor,
    )
    row.service = replace(row.service, noted=(*noted, note))
    if not is_minor:
        _publish(row, spotted, finding_id, desk, state=FindingState.OPEN)


def take_back(row: Conversation, names: frozenset[str], at_ms: int, desk: Desk) -> None:
    """Withdraw what seemed missing and came late but was said in time: the checks in `names`, open questions."""
    noted = []
    for each in row.service.noted:
        check = next((check for check in desk.lookups.service.checks if check.id == each.check), None)
        applies = check is not None and (check.id in names or check.after in QUESTIONS)
        if each.is_withdrawn or not applies or not each.since_ms <= at_ms <= each.at_ms:
            noted.append(each)
            continue
        noted.append(replace(each, is_withdrawn=True))
        if check is not None and not each.is_minor:
            spotted = of_check(
                check,
                Basis.SAID,
                since_ms=each.since_ms,
                at_ms=each.at_ms,
                utterance_id=each.utterance_id,
                agent_id=_who_missed(row, check, each.since_ms, each.at_ms),
            )
            _publish(row, spotted, each.finding_id, desk, state=FindingState.WITHDRAWN)
    if tuple(noted) != row.service.noted:
        row.service = replace(row.service, noted=tuple(noted))


def episode_id(row: Conversation, conversation_id: str) -> str:
    """What tells an episode from every other one: calls and chats may share names, conversations come back."""
    kind = "call" if row.channel is ChannelClass.VOICE else "chat"
    return f"{kind}:{conversation_id}:{row.started_at_ms}"


def _finding_id(row: Conversation, spotted: Spotted, desk: Desk) -> str:
    subject = f"{spotted.check}:{spotted.utterance_id}" if spotted.is_each_time else spotted.check
    return record_id("quality", subject, episode_id(row, desk.conversation_id))


def _publish(row: Conversation, spotted: Spotted, finding_id: str, desk: Desk, *, state: FindingState) -> None:
    finding = ServiceFinding(
        finding_id=finding_id,
        conversation_id=desk.conversation_id,
        check=spotted.check,
        severity=spotted.severity,
        state=state,
        basis=spotted.basis,
        occurred_at=spotted.at_ms,
        emitted_at=desk.emitted_at_ms,
        since=spotted.since_ms,
        name=spotted.zh,
        name_en=spotted.en,
        utterance_id=spotted.utterance_id,
        evidence=spotted.evidence,
        level=row.level,
        agent_id=spotted.agent_id or row.agent_id,
        channel=row.channel,
        queue=row.queue,
        region=row.region,
        started_at=row.started_at_ms,
        rules_version=desk.lookups.rules_version,
        tenant=row.tenant,
        test=row.test,
    )
    desk.outputs.append(Output(FINDINGS, desk.conversation_id.encode(), finding))

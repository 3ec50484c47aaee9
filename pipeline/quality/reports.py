"""Findings as they go out, and the note of each in the row, so that a thing is told once."""

from collections import Counter
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.conversation.ids import record_id
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.state import Conversation, agent_at
from pipeline.quality.absence import QUESTIONS, Miss
from pipeline.quality.state import MAX_NOTED, Noted
from pipeline.rules.service import Anchor, ServiceCheck
from pipeline.stage import Output
from pipeline.watches.waits import SLACK_MS
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
    told = [each for each in noted if each.check == spotted.check]
    if any(_is_same(each, spotted) for each in told):
        return
    is_minor = spotted.severity is Severity.MINOR
    if len(noted) >= MAX_NOTED:
        noted = _with_room(noted, spotted.check, is_minor=is_minor)
        if len(noted) >= MAX_NOTED:
            return
    finding_id = _finding_id(row, spotted, desk, is_first=not told)
    note = Noted(
        spotted.check,
        finding_id,
        spotted.since_ms,
        spotted.at_ms,
        spotted.utterance_id,
        is_minor=is_minor,
        is_each_time=spotted.is_each_time,
        agent_id=spotted.agent_id or row.agent_id,
    )
    row.service = replace(row.service, noted=(*noted, note))
    if not is_minor:
        _publish(row, spotted, finding_id, desk, state=FindingState.OPEN)


def _is_same(noted: Noted, spotted: Spotted) -> bool:
    """Whether it was told before: what was taken back says nothing about another time of the same check."""
    if spotted.is_each_time:
        return noted.utterance_id == spotted.utterance_id
    return not noted.is_withdrawn or noted.since_ms == spotted.since_ms


def _with_room(noted: tuple[Noted, ...], check: str, *, is_minor: bool) -> tuple[Noted, ...]:
    """Without the minor note that matters least: the newest of the check that has most; as it was where none may go.

    What is minor itself takes the place of a repeated one only, and only where its own check has no note yet: a rule
    that fires at every turn shall not keep the seven points from being judged.
    """
    counts = Counter(each.check for each in noted)
    minor = [each for each in noted if each.is_minor]
    if is_minor:
        minor = [each for each in minor if counts[each.check] > 1 and not counts[check]]
    least = max(minor, key=lambda each: (counts[each.check], each.at_ms), default=None)
    return tuple(each for each in noted if each is not least)


def take_back(row: Conversation, names: frozenset[str], at_ms: int, desk: Desk, *, is_answer: bool = True) -> None:
    """Withdraw what seemed missing and came late but was said in time: the checks in `names`, open questions."""
    for each in row.service.noted:
        check = next((check for check in desk.lookups.service.checks if check.id == each.check), None)
        if check is None or each.is_withdrawn or each.is_each_time or not _was_in_time(check, each, at_ms):
            continue
        if check.id in names or (check.after in QUESTIONS and is_answer):
            _withdraw(row, each, desk, zh=check.zh, en=check.en, severity=check.severity)


def _was_in_time(check: ServiceCheck, noted: Noted, at_ms: int) -> bool:
    """Whether what was missed was said at a time at which it counts: of a silence, before it."""
    if check.after is Anchor.SILENCE:
        return noted.since_ms - (check.within_ms or 0) <= at_ms <= noted.since_ms + SLACK_MS
    return noted.since_ms <= at_ms <= noted.at_ms


def correct(row: Conversation, utterance_id: str, shown: frozenset[str], desk: Desk) -> None:
    """Withdraw what older words of an utterance showed and its corrected ones do not: `shown` is what those do."""
    book = desk.lookups.service
    for each in row.service.noted:
        if each.utterance_id != utterance_id or not each.is_each_time or each.is_withdrawn or each.check in shown:
            continue
        group = book.forbidden.get(each.check)
        rule = next((rule for rule in book.ruled.values() if rule.then.check == each.check), None)
        zh, en = (group.zh, group.id) if group else (rule.zh if rule else each.check, each.check)
        severity = desk.lookups.severities.get(each.check, Severity.MAJOR)
        _withdraw(row, each, desk, zh=zh, en=en, severity=severity)


def _withdraw(row: Conversation, noted: Noted, desk: Desk, *, zh: str, en: str, severity: Severity) -> None:
    """Note that a finding does not stand, and say so where it was told: a minor one was not."""
    withdrawn = replace(noted, is_withdrawn=True)
    row.service = replace(row.service, noted=tuple(withdrawn if each is noted else each for each in row.service.noted))
    if noted.is_minor:
        return
    spotted = Spotted(
        noted.check,
        zh,
        en,
        severity,
        Basis.SAID,
        noted.since_ms,
        noted.at_ms,
        noted.utterance_id,
        agent_id=noted.agent_id,
    )
    _publish(row, spotted, noted.finding_id, desk, state=FindingState.WITHDRAWN)


def episode_id(row: Conversation, conversation_id: str) -> str:
    """What tells an episode from every other one: calls and chats may share names, conversations come back."""
    kind = "call" if row.channel is ChannelClass.VOICE else "chat"
    return f"{kind}:{conversation_id}:{row.started_at_ms}"


def _finding_id(row: Conversation, spotted: Spotted, desk: Desk, *, is_first: bool) -> str:
    subject = spotted.check
    if spotted.is_each_time:
        subject = f"{subject}:{spotted.utterance_id}"
    elif not is_first:  # the first was taken back, under its own id
        subject = f"{subject}:{spotted.since_ms}"
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

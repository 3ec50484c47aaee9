"""Service quality along one conversation: each event, each tick that finds it silent, and its end."""

from pipeline.conversation.lookups import Lookups
from pipeline.conversation.said import CALL_IDLE_MS, CHAT_IDLE_MS, Event, Said, Text, agent_of, is_edit
from pipeline.conversation.state import AGENT, BOT, CUSTOMER, FORBIDDEN, Conversation, tagged_with
from pipeline.conversation.tagged import as_evidence
from pipeline.findings import Finding
from pipeline.quality.absence import Moment, assess
from pipeline.quality.checks import NEVER_MS, Program, ServiceBook
from pipeline.quality.closing import close
from pipeline.quality.listening import (
    LATENESS_MS,
    ask_again,
    hand_to_agent,
    listen_to_answer,
    listen_to_customer,
    listen_to_voices,
    said_in,
    wake_for,
)
from pipeline.quality.reports import Desk, Spotted, correct, missed, take_back, tell
from pipeline.quality.ruled import tell_ruled
from pipeline.stage import Output
from schemas.calls import Utterance
from schemas.chats import ChatLifecycle
from schemas.quality import Basis, EndedBy, Severity
from schemas.vocabulary import ChannelClass

_TALKING = (CUSTOMER, AGENT)
_ANSWERING = (AGENT, BOT)  # who ends a customer's wait
_VOICE, _CHAT = ChannelClass.VOICE, ChannelClass.CHAT


def attend(
    row: Conversation,
    event: Event,
    said: Said | None,
    finding: Finding | None,
    *,
    lookups: Lookups,
    emitted_at_ms: int,
    outputs: list[Output],
    is_again: bool = False,
) -> None:
    """One event: what has become overdue by it, what it says itself, and whether the conversation is over.

    `is_again`: these words were heard before and are only read anew; nobody has spoken for longer, or once more.
    """
    row.logged_at_ms = emitted_at_ms
    program, at_ms, noted = program_of(row, lookups.service), event.occurred_at, row.service.noted
    desk = Desk(event.conversation_id, lookups, emitted_at_ms, outputs)
    if 0 < row.assess_at_ms < at_ms:
        _tell_overdue(row, program, desk, now_ms=at_ms, basis=Basis.PASSED)
    if said is None:
        if type(event) is ChatLifecycle:
            hand_to_agent(row, event, program)
    elif said.is_final and not said.is_private and not said.is_deleted:
        if said.role is CUSTOMER:
            if type(event) is Utterance and event.end_ms > event.start_ms and not is_again:
                row.customer_talk_ms += event.end_ms - event.start_ms
            listen_to_customer(row, event, finding, program)  # type: ignore[arg-type]  # said, so a text
        else:
            _attend_answer(row, event, said, finding, program, desk, is_again=is_again)  # type: ignore[arg-type]
        if finding is not None and finding.signs and lookups.service.ruled:
            speaker = agent_of(event) if said.role is AGENT else ""
            tell_ruled(row, finding, desk, at_ms=at_ms, utterance_id=said.utterance_id, agent_id=speaker)
        if said.revision > 0 and row.service.noted and type(event) is Utterance:
            correct(row, said.utterance_id, _shown(finding, lookups.service), desk)
    if row.agent_since_ms and (row.ended_at_ms is not None or row.summary_count):
        _sum_up(row, said, program, desk, has_news=row.service.noted is not noted)


def _sum_up(row: Conversation, said: Said | None, program: Program, desk: Desk, *, has_news: bool) -> None:
    """The summary at the end, and again where it has changed since.

    What comes after it changes it, and more of that may come: then it goes out once nothing more does.
    """
    has_more = row.summary_count > 0 and row.wake_at_ms > 0 and said is None
    if row.ended_at_ms is not None and (not row.summary_count or has_news or has_more):
        close(row, program, desk, at_ms=row.ended_at_ms, ended_by=EndedBy.EVENT)
    elif row.summary_count and said is not None and said.is_final and said.role in _TALKING:
        wake_for(row, row.last_at_ms if row.ended_at_ms is not None else row.last_at_ms + idle_limit_of(row))


def _attend_answer(
    row: Conversation,
    event: Text,
    said: Said,
    finding: Finding | None,
    program: Program,
    desk: Desk,
    *,
    is_again: bool,
) -> None:
    """What an agent, a bot or the system says."""
    had_agent = row.agent_since_ms
    listen_to_answer(row, event, finding, program)
    if said.role is AGENT:
        if not had_agent:
            wake_for(row, row.last_at_ms + idle_limit_of(row))
        _attend_agent(row, event, said, finding, program, desk, is_again=is_again)
    if row.service.noted and said.role in _ANSWERING:
        names: frozenset[str] = frozenset()  # a bot may answer; it does nothing else for an agent
        if said.role is AGENT:
            names = said_in(event.text, program).union(finding.tags if finding is not None else ())
        take_back(row, names, event.occurred_at, desk, is_answer=not is_edit(event))


def _attend_agent(
    row: Conversation,
    event: Text,
    said: Said,
    finding: Finding | None,
    program: Program,
    desk: Desk,
    *,
    is_again: bool,
) -> None:
    """What an agent says, and how."""
    if type(event) is Utterance and not is_again:
        if event.end_ms > event.start_ms:
            row.agent_talk_ms += event.end_ms - event.start_ms
        if event.overlap_ms is not None or event.silence_before_ms:
            listen_to_voices(row, event, program, desk)
    if finding is not None and finding.signs:
        _tell_forbidden(row, event, said, finding, desk)


def _shown(finding: Finding | None, book: ServiceBook) -> frozenset[str]:
    """The checks whose words a text holds: groups that are forbidden, and rules that are checks."""
    if finding is None:
        return frozenset()
    ruled = [book.ruled[sign.rule].then.check for sign in finding.signs if sign.rule in book.ruled]
    return frozenset((*tagged_with(finding.tags, FORBIDDEN), *ruled))


def leave(
    row: Conversation, conversation_id: str, *, lookups: Lookups, emitted_at_ms: int, outputs: list[Output]
) -> None:
    """The next episode begins: this one is over, and its summary goes out if none did."""
    if row.agent_since_ms and (not row.summary_count or row.wake_at_ms):
        desk = Desk(conversation_id, lookups, emitted_at_ms, outputs)
        at_ms = row.last_at_ms if row.ended_at_ms is None else row.ended_at_ms
        ended_by = EndedBy.SILENCE if row.ended_at_ms is None else EndedBy.EVENT
        close(row, program_of(row, lookups.service), desk, at_ms=at_ms, ended_by=ended_by)


def ring(row: Conversation, conversation_id: str, *, lookups: Lookups, now_ms: int, outputs: list[Output]) -> None:
    """A tick finds the conversation silent. `now_ms` is the log's time; so much event time has certainly passed."""
    program = program_of(row, lookups.service)
    passed_ms = row.last_at_ms + now_ms - row.logged_at_ms - LATENESS_MS
    idle_at_ms = row.last_at_ms + idle_limit_of(row)
    desk = Desk(conversation_id, lookups, now_ms, outputs)
    row.wake_at_ms = 0
    if row.ended_at_ms is not None:
        if row.summary_count:  # something came after it
            close(row, program, desk, at_ms=row.ended_at_ms, ended_by=EndedBy.EVENT)
        return
    if row.assess_at_ms and passed_ms > row.assess_at_ms:
        _tell_overdue(row, program, desk, now_ms=passed_ms, basis=Basis.SILENCE)
    if row.agent_since_ms and passed_ms >= idle_at_ms:
        close(row, program, desk, at_ms=row.last_at_ms, ended_by=EndedBy.SILENCE)
        return
    if row.assess_at_ms:
        wake_for(row, row.assess_at_ms)
    if row.agent_since_ms:
        wake_for(row, idle_at_ms)


def program_of(row: Conversation, book: ServiceBook) -> Program:
    """What is checked in this conversation."""
    channel = row.channel
    if channel is _VOICE:
        return book.voice
    return book.chat if channel is _CHAT else book.program(channel)


def idle_limit_of(row: Conversation) -> int:
    """Silence after which the conversation is over."""
    return CALL_IDLE_MS if row.channel is _VOICE else CHAT_IDLE_MS


def _tell_overdue(row: Conversation, program: Program, desk: Desk, *, now_ms: int, basis: Basis) -> None:
    """Tell what is missing by now. What is minor waits for the end, unless its question was never answered."""
    assessment = assess(row, program, Moment(now_ms))
    for miss in assessment.misses:
        if miss.check.severity is not Severity.MINOR:
            tell(row, missed(row, miss, basis), desk)
    row.assess_at_ms = 0
    if assessment.next_ms != NEVER_MS:
        ask_again(row, assessment.next_ms)


def _tell_forbidden(row: Conversation, event: Event, said: Said, finding: Finding, desk: Desk) -> None:
    """What an agent must not say and said, group by group, with the words."""
    for group in tagged_with(finding.tags, FORBIDDEN):
        known = desk.lookups.service.forbidden.get(group)
        signs = tuple(sign for sign in finding.signs if sign.rule.startswith(f"{_RULE}{group}:"))
        spotted = Spotted(
            group,
            known.zh if known else group,
            group,
            known.severity if known else Severity.MAJOR,
            Basis.SAID,
            event.occurred_at,
            event.occurred_at,
            said.utterance_id,
            as_evidence(signs, said.utterance_id, desk.lookups),
            is_each_time=True,
            agent_id=agent_of(event),
        )
        tell(row, spotted, desk)


_RULE = "forbidden."

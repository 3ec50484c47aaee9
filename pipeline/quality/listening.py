"""One event of a conversation, listened to for the sake of service: who waits, who spoke when, what an agent said.

Called for every text, so what is usual ends after a few comparisons of numbers.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from pipeline.conversation.said import Text, agent_of, is_edit
from pipeline.conversation.state import AGENT, NO_LEVEL, Conversation
from pipeline.findings import Finding
from pipeline.quality.checks import NEVER_MS, Program
from pipeline.quality.leave import takes_leave
from pipeline.quality.reports import Desk, Spotted, of_check, tell
from pipeline.quality.state import Service, with_time
from pipeline.rules.service import Anchor, ServiceCheck
from pipeline.watches.waits import SLACK_MS, was_said
from schemas.calls import Utterance
from schemas.chats import ChatLifecycle
from schemas.quality import Basis
from schemas.vocabulary import Role

# How late what was said may still come in: a recogniser sends some 35 s of speech at once, and networks wait.
LATENESS_MS = 2 * 60_000

_BOT = Role.BOT
_START = Anchor.START


def listen_to_customer(row: Conversation, event: Text, finding: Finding | None, program: Program) -> None:
    """A customer's final text: somebody should answer, and after a sign of complaint do more than that."""
    at_ms = event.occurred_at
    if not row.waiting_since_ms and at_ms == row.last_at_ms and not (is_edit(event) or takes_leave(event.text)):
        row.waiting_since_ms = at_ms
        within_ms = program.question_within_ms if row.agent_since_ms else program.first_question_within_ms
        if within_ms < NEVER_MS:
            ask_again(row, at_ms + within_ms)
    if finding is not None and finding.level is not NO_LEVEL and program.complaint_within_ms < NEVER_MS:
        ask_again(row, max(at_ms, row.agent_since_ms) + program.complaint_within_ms)


def listen_to_answer(row: Conversation, event: Text, finding: Finding | None, program: Program) -> None:
    """A final text of an agent, or of a bot, whose answer also ends the customer's wait."""
    is_agent, at_ms = event.role is AGENT, event.occurred_at
    if row.waiting_since_ms and at_ms == row.last_at_ms and (is_agent or event.role is _BOT) and not is_edit(event):
        waited_ms = at_ms - row.waiting_since_ms
        row.waiting_since_ms = 0
        if is_agent and (waited_ms > row.service.longest_wait_ms or not row.agent_since_ms):
            row.service = _after_wait(row, waited_ms)
    if not is_agent:
        return
    if not row.agent_since_ms:
        row.agent_since_ms = at_ms
        if program.start_within_ms < NEVER_MS:
            ask_again(row, at_ms + program.start_within_ms)
    found = program.find(event.text)
    if found:
        _note(row, found, at_ms, program)
    if finding is not None and program.by_tag:
        row.service = _with_times(row.service, program.by_tag.intersection(finding.tags), at_ms)


def said_in(text: str, program: Program) -> frozenset[str]:
    """The checks whose words a text holds."""
    return frozenset(program.found[word].id for word, _, _ in program.find(text))


def _note(row: Conversation, found: list[tuple[int, int, int]], at_ms: int, program: Program) -> None:
    """Note when an agent said what is looked for; what is due at the start, at the start only.

    What is due after a complaint is noted before one is heard too: the customer's voice may be recognised later.
    """
    is_start = at_ms - row.agent_since_ms <= program.start_longest_ms
    names = []
    for word, _, _ in found:
        check = program.found[word]
        if check.after is not _START or (is_start and check.id not in row.service.said_at_ms):
            names.append(check.id)
    if names:
        row.service = _with_times(row.service, dict.fromkeys(names), at_ms)


def _with_times(service: Service, names: Iterable[str], at_ms: int) -> Service:
    said_at_ms = service.said_at_ms
    noted = {name: with_time(said_at_ms.get(name, ()), at_ms) for name in names}
    return replace(service, said_at_ms=said_at_ms | noted) if noted else service


def listen_to_voices(row: Conversation, event: Utterance, program: Program, desk: Desk) -> None:
    """What a source may tell of an agent's turn: words over the customer's words, silence before them."""
    overlap_ms, silence_ms, at_ms = event.overlap_ms, event.silence_before_ms, event.occurred_at
    if overlap_ms is not None and program.overlap is not None:
        _listen_to_overlap(row, event, overlap_ms, program.overlap, desk)
    check = program.silence
    if silence_ms and check is not None and silence_ms > check.over_ms and row.agent_since_ms < at_ms:
        began_ms = at_ms - max(event.end_ms - event.start_ms, 0) - silence_ms
        notices = row.service.said_at_ms.get(check.id, ())
        if not was_said(notices, from_ms=began_ms - (check.within_ms or 0), until_ms=began_ms + SLACK_MS):
            tell(row, _said(check, event, since_ms=began_ms), desk)


def hand_to_agent(row: Conversation, event: ChatLifecycle, program: Program) -> None:
    """A chat was given to an agent: whom a bot has answered waits for a person from now on.

    Who waits for one already goes on waiting, and who has said nothing yet waits for nobody.
    """
    if event.to_role is not AGENT or row.agent_since_ms:
        return
    has_answer = row.bot is not None and row.turn_count > 0 and not row.waiting_since_ms
    if event.from_role is _BOT or has_answer:
        row.waiting_since_ms = row.last_at_ms
        if program.first_question_within_ms < NEVER_MS:
            ask_again(row, row.last_at_ms + program.first_question_within_ms)


def ask_again(row: Conversation, at_ms: int) -> None:
    """Look for what is missing when event time has passed `at_ms`; wake the row in case that nothing more comes."""
    if not row.assess_at_ms or at_ms < row.assess_at_ms:
        row.assess_at_ms = at_ms
        wake_for(row, at_ms)


def wake_for(row: Conversation, at_ms: int) -> None:
    """Have the row woken when the log's time has certainly passed a moment of event time."""
    wake_at_ms = row.logged_at_ms + max(at_ms - row.last_at_ms, 0) + LATENESS_MS + 1
    if row.logged_at_ms and (not row.wake_at_ms or wake_at_ms < row.wake_at_ms):
        row.wake_at_ms = wake_at_ms


def _after_wait(row: Conversation, waited_ms: int) -> Service:
    if row.agent_since_ms:
        return replace(row.service, longest_wait_ms=waited_ms)
    longest_ms = max(waited_ms, row.service.longest_wait_ms)
    return replace(row.service, first_response_ms=waited_ms, longest_wait_ms=longest_ms)


def _listen_to_overlap(row: Conversation, event: Utterance, overlap_ms: int, check: ServiceCheck, desk: Desk) -> None:
    if not row.service.tells_overlap:
        row.service = replace(row.service, tells_overlap=True)
    if overlap_ms < check.over_ms:
        return
    row.service = replace(row.service, interruption_count=row.service.interruption_count + 1)
    tell(row, _said(check, event, since_ms=event.occurred_at - overlap_ms), desk)


def _said(check: ServiceCheck, event: Utterance, *, since_ms: int) -> Spotted:
    """What a check has seen in an agent's own turn."""
    return of_check(
        check,
        Basis.SAID,
        since_ms=since_ms,
        at_ms=event.occurred_at,
        utterance_id=event.utterance_id,
        agent_id=agent_of(event),
    )

"""One event of one conversation: `(row, event, what it says) -> (row, records to publish)`. Pure; event time only.

A conversation has episodes. One ends with a lifecycle event or with a silence, and the next event opens a new one in
the same row. What comes late, but happened before the end, still belongs to the episode that ended.
"""

from copy import copy

from pipeline.bots.handover import attend_bot, awaits_answer
from pipeline.conversation.announce import Cause, announce, hand_on
from pipeline.conversation.attributes import take_attributes
from pipeline.conversation.contact import contact, first_contact
from pipeline.conversation.doubt import as_sure_as_heard
from pipeline.conversation.heard import Heard
from pipeline.conversation.ids import event_hash, is_recent, remember
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.promised import tell_promises
from pipeline.conversation.said import (
    SHORTEST_IDLE_MS,
    TEXTS,
    Event,
    Said,
    begins,
    channel_class,
    ends,
    idle_limit_ms,
    is_edit,
    read_text,
)
from pipeline.conversation.score import Moment, became_overdue, judge
from pipeline.conversation.state import (
    AGENT,
    BOT,
    CUSTOMER,
    NO_LEVEL,
    Conversation,
    Trace,
    start_episode,
)
from pipeline.conversation.tagged import as_tag, deserves_tag
from pipeline.conversation.traces import find_trace, is_outdated, may_be_high_risk, take_in, was_final
from pipeline.conversation.watched import close, go_on, watch
from pipeline.findings import Finding
from pipeline.quality.attending import attend, leave
from pipeline.quality.doubt import settle
from pipeline.quality.listening import wake_for
from pipeline.stage import Output
from schemas.calls import Utterance
from schemas.topics import TAGGED
from schemas.vocabulary import ChannelClass, ThreatGroup

_SPEAKERS = (CUSTOMER, AGENT)


def step(
    row: Conversation | None, event: Event, heard: Heard | None, *, lookups: Lookups, emitted_at_ms: int
) -> tuple[Conversation, list[Output]]:
    """Take one event into its conversation. A repeated event returns the very same row and nothing to publish."""
    hashed = event_hash(event.event_id)
    if row is not None and is_recent(row.recent, hashed):
        return row, []
    row = open_row(event) if row is None else copy(row)
    row.recent = remember(row.recent, hashed)
    outputs: list[Output] = []
    advance(row, event, heard, lookups=lookups, emitted_at_ms=emitted_at_ms, outputs=outputs)
    return row, outputs


def open_row(event: Event) -> Conversation:
    """A row for a conversation that was not heard of before."""
    return Conversation(channel=channel_class(event), started_at_ms=event.occurred_at, last_at_ms=event.occurred_at)


def advance(  # noqa: C901, PLR0912  (every event comes along here: a call more costs a tenth of a microsecond)
    row: Conversation,
    event: Event,
    heard: Heard | None,
    *,
    lookups: Lookups,
    emitted_at_ms: int,
    outputs: list[Output],
) -> None:
    """`step` on a row that is the caller's own copy, into an event that is no repeat."""
    traces, demands, last_at_ms, was_over = row.traces, row.demands, row.last_at_ms, row.ended_at_ms
    said = read_text(event) if isinstance(event, TEXTS) else None
    if row.ended_at_ms is None and 0 <= event.occurred_at - last_at_ms < SHORTEST_IDLE_MS:  # the usual case
        row.last_at_ms = event.occurred_at
    else:
        _move_time(row, event, said, lookups=lookups, emitted_at_ms=emitted_at_ms, outputs=outputs)
    agent_id, before = row.agent_id, len(outputs)
    take_attributes(row, event, lookups.tables)
    threats: tuple[ThreatGroup, ...] = ()
    known: Trace | None = None
    if said is None:
        _end(row, event)
    else:
        known = find_trace(row, said.utterance_id) if row.traces else None
        if is_outdated(row, said, known):
            return
    talk, is_again = None, False
    if heard is not None:
        talk = heard.promises
        if heard.order_mark and said is not None and said.is_final:
            row.order_mark = heard.order_mark
    if lookups.followed is not None:
        heard = watch(
            row,
            event,
            said,
            heard,
            lookups=lookups,
            ends_now=was_over is None and row.ended_at_ms is not None,
            emitted_at_ms=emitted_at_ms,
            outputs=outputs,
        )
    heard = None if heard is None else as_sure_as_heard(heard, event)
    finding = None if heard is None else heard.finding
    if said is not None:
        if finding is not None and finding.signs and said.role is AGENT:
            finding = settle(finding, row.traces, event.occurred_at, lookups.service.forbidden)
            heard = Heard(finding)
        take_in(row, said, heard, known=known, at_ms=min(event.occurred_at, row.last_at_ms))
        if finding is not None:
            outputs += _tag(row, event, said, finding, lookups=lookups, emitted_at_ms=emitted_at_ms)
            threats = _new_threats(said, finding)
        if talk is not None or row.promised is not None:
            outputs += tell_promises(row, event, said, talk, emitted_at_ms=emitted_at_ms)
        if row.customer_key and not row.is_contact_told and said.role is CUSTOMER:
            outputs += first_contact(row, event, emitted_at_ms=emitted_at_ms)
        if said.is_final and said.role in _SPEAKERS and not (said.is_private or said.is_deleted or is_edit(event)):
            is_again = type(event) is Utterance and was_final(row, said.utterance_id)
            row.turn_count += not is_again
    if (
        row.traces is not traces
        or row.ended_at_ms != was_over
        or (row.demands is not demands and row.demands and row.demands[-1].count > 1)
        or ((row.traces or row.score) and _may_have_changed(row, last_at_ms))
    ):  # for most events of most conversations nothing of this holds
        cause = Cause(event, said, finding, threats, emitted_at_ms)
        rejudge(row, cause, lookups=lookups, outputs=outputs)
    if row.agent_id != agent_id and row.warned_at_ms is not None:  # told before, to nobody or to somebody else
        outputs += hand_on(row, Cause(event, said, None, (), emitted_at_ms), outputs=outputs[before:], lookups=lookups)
    if row.bot is not None or (
        said is not None and (said.role is BOT or (said.role is CUSTOMER and awaits_answer(row)))
    ):
        outputs += attend_bot(row, event, said, lookups=lookups, emitted_at_ms=emitted_at_ms)
    attend(row, event, said, finding, lookups=lookups, emitted_at_ms=emitted_at_ms, outputs=outputs, is_again=is_again)
    if row.watched is not None and row.watched.waits:  # in case that nothing more comes
        wake_for(row, min([wait.until_ms for wait in row.watched.waits]))


def _tag(
    row: Conversation, event: Event, said: Said, finding: Finding, *, lookups: Lookups, emitted_at_ms: int
) -> tuple[Output, ...]:
    if not deserves_tag(finding, said):
        return ()
    tag = as_tag(row, event, said, finding, lookups=lookups, emitted_at_ms=emitted_at_ms)
    return (Output(TAGGED, event.conversation_id.encode(), tag),)


def _end(row: Conversation, event: Event) -> None:
    if ends(event) and event.occurred_at >= row.started_at_ms:
        row.ended_at_ms = max(event.occurred_at, row.last_at_ms)


def _may_have_changed(row: Conversation, last_at_ms: int) -> bool:
    """Whether time alone may have changed the judgement: what fades in a chat, an apology that is overdue."""
    if row.channel is not ChannelClass.VOICE:
        return row.score > 0 or row.level is not NO_LEVEL
    return any(became_overdue(trace, last_at_ms, row.last_at_ms) for trace in row.traces)


def _new_threats(said: Said, finding: Finding) -> tuple[ThreatGroup, ...]:
    """What may be alerted at once."""
    if said.role is not CUSTOMER or said.is_private or said.is_deleted or not may_be_high_risk(said, finding):
        return ()
    return finding.threats


def rejudge(row: Conversation, cause: Cause, *, lookups: Lookups, outputs: list[Output]) -> None:
    """Reckon where the conversation stands now, and publish what somebody should know about the change."""
    previous = row.level
    fades, has_ended = row.channel is not ChannelClass.VOICE, row.ended_at_ms is not None
    before = row.background
    # A producer whose clock is ahead must not make what others said fade: time has passed as far as the log says so.
    now_ms = min(row.last_at_ms, max(cause.event.occurred_at, cause.emitted_at_ms))
    if before is None:
        moment = Moment(now_ms, fades, has_ended)
    else:
        moment = Moment(now_ms, fades, has_ended, before.contacts, before.broken_promises)
    standing = judge(row.traces, row.demands, moment=moment, held=previous)
    row.level, row.score = standing.level, standing.score
    outputs += announce(row, cause, standing, previous=previous, lookups=lookups)
    if row.is_contact_told and row.customer_key and standing.level is not previous:
        event = cause.event
        outputs.append(
            contact(row, event.conversation_id, event.event_id, event.occurred_at, emitted_at_ms=cause.emitted_at_ms)
        )


def _move_time(
    row: Conversation,
    event: Event,
    said: Said | None,
    *,
    lookups: Lookups,
    emitted_at_ms: int,
    outputs: list[Output],
) -> None:
    """Move the conversation's clock, and open a new episode when the last one is over."""
    at_ms = event.occurred_at
    revises = said is not None and said.revision > 0  # of words of before, whether or not they left anything behind
    if row.ended_at_ms is not None:
        if revises or at_ms <= row.ended_at_ms or not begins(event):
            return
        leave(row, event.conversation_id, lookups=lookups, emitted_at_ms=emitted_at_ms, outputs=outputs)
        start_episode(row, at_ms=at_ms)
    elif at_ms - row.last_at_ms >= idle_limit_ms(event) and not ends(event):
        if revises:
            return  # an old message is edited: that is no sign of life
        waits = close(row, event, lookups=lookups, emitted_at_ms=emitted_at_ms, outputs=outputs)
        leave(row, event.conversation_id, lookups=lookups, emitted_at_ms=emitted_at_ms, outputs=outputs)
        start_episode(row, at_ms=at_ms)
        go_on(row, waits, lookups=lookups)
    elif at_ms > row.last_at_ms:
        row.last_at_ms = at_ms

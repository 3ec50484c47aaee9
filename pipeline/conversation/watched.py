"""A conversation under the rules of its pack: what fires becomes signs of the turn that shows it, and records."""

from collections.abc import Iterable

from msgspec.structs import replace

from pipeline.conversation.heard import Heard
from pipeline.conversation.ids import fingerprint
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.said import Event, Said
from pipeline.conversation.state import AGENT, CUSTOMER, NO_LEVEL, Conversation, Trace, agent_at
from pipeline.conversation.tagged import as_tag
from pipeline.conversation.traces import add_signs
from pipeline.findings import Finding, Sign
from pipeline.quality.listening import wake_for
from pipeline.quality.reports import Desk
from pipeline.quality.ruled import tell_ruled
from pipeline.stage import Output
from pipeline.watches.follow import Fired, Ground, Turn, begun, follow, shown, with_place
from pipeline.watches.followed import Followed
from pipeline.watches.nature import RULE, effect_tags
from pipeline.watches.state import Watched, place_of, unquoted
from pipeline.watches.waits import Waits, wait_for
from schemas.calls import CallLifecycle, Utterance
from schemas.chats import ChatLifecycle
from schemas.topics import TAGGED

_FIELDS = {"tier": "customer_tier"}  # attributes whose field in the row has another name


def watch(
    row: Conversation,
    event: Event,
    said: Said | None,
    heard: Heard | None,
    *,
    lookups: Lookups,
    ends_now: bool,
    emitted_at_ms: int,
    outputs: list[Output],
) -> Heard | None:
    """Take one event in. What its own text made fire is part of what is heard; what earlier turns did is told apart."""
    followed = lookups.followed
    finding = None if heard is None else heard.finding
    marks = finding.marks if finding is not None else ()
    if followed is None:
        return heard
    turn = _turn(row, event, said)
    if not marks and not followed.asks_each_turn and _is_quiet(row, said, followed):
        if turn is not None:
            row.watched = with_place(row.watched or Watched(), turn)
        return heard
    if said is not None and said.is_deleted and row.watched is not None:
        row.watched = unquoted(row.watched, said.utterance_id)
    row.watched, fired = follow(
        followed, row.watched, turn, marks if turn is not None else (), ground=_ground(row, turn, ends_now=ends_now)
    )
    if turn is not None:
        own = [each for each in fired if each.seen is not None and each.seen.utterance_id == turn.utterance_id]
        fired = [each for each in fired if each not in own]
        again = _fired_before(row.watched, turn, marks, followed) if turn.is_revision else []
        finding = _with_fired(finding, [*own, *again])
    if fired:
        outputs += _tell(row, event, fired, lookups=lookups, emitted_at_ms=emitted_at_ms)
    if finding is not None and not (finding.signs or finding.tags or finding.guards):
        finding = None
    return Heard(finding, None if heard is None else heard.demand)


def let_time_pass(
    row: Conversation, event: Event, *, lookups: Lookups, emitted_at_ms: int, outputs: list[Output]
) -> None:
    """Nothing was said until the time of an event that stands for the silence: judge the waits that ended in it."""
    if lookups.followed is None:
        return
    ground = replace(_ground(row, None), now_ms=event.occurred_at)
    row.watched, fired = follow(lookups.followed, row.watched, None, (), ground=ground)
    outputs += _tell(row, event, fired, lookups=lookups, emitted_at_ms=emitted_at_ms)


def _is_quiet(row: Conversation, said: Said | None, followed: Followed) -> bool:
    """Whether an event that meets no condition changes nothing: no wait ends, nothing is revised, nothing is over."""
    watched = row.watched
    if row.ended_at_ms is not None and (followed.at_end or watched is not None):
        return False
    if watched is None:
        return True
    if said is not None and said.is_final and (said.revision > 0 or said.is_deleted):
        return False
    return all(row.last_at_ms <= wait.until_ms for wait in watched.waits)


def close(row: Conversation, event: Event, *, lookups: Lookups, emitted_at_ms: int, outputs: list[Output]) -> Waits:
    """Judge an episode that ended in silence; its row is still as it was. Its level is past: nobody could act on it.

    Returned are the waits whose time is not over at the event that finds it so: that may be the answer.
    """
    followed = lookups.followed
    if followed is None or not row.turn_count or (row.watched is None and not followed.at_end):
        return ()
    ground = replace(_ground(row, None), has_ended=True, ends_now=True)
    watched, noted = row.watched or begun(followed, ground), row.service.noted
    still_open = tuple(wait for wait in watched.waits if wait.until_ms >= event.occurred_at)
    over = replace(watched, waits=tuple(wait for wait in watched.waits if wait not in still_open))
    _, fired = follow(followed, over, None, (), ground=ground)
    outputs += _records(row, event, fired, lookups=lookups, emitted_at_ms=emitted_at_ms)
    if row.service.noted is not noted:  # a summary that a tick sent goes out again, with this
        wake_for(row, row.last_at_ms)
    return still_open


def go_on(row: Conversation, waits: Waits, *, lookups: Lookups) -> None:
    """A new episode goes on waiting for what the one before was still waiting for."""
    if waits and lookups.followed is not None:
        watched = begun(lookups.followed, _ground(row, None))
        for wait in watched.waits:
            waits = wait_for(waits, wait)
        row.watched = replace(watched, waits=waits)


def _tell(row: Conversation, event: Event, fired: list[Fired], *, lookups: Lookups, emitted_at_ms: int) -> list[Output]:
    """What fired because of earlier turns: signs in what those left behind, and a record for each rule."""
    for each in fired:
        if each.seen is not None:
            finding = _with_fired(None, [each])
            add_signs(
                row,
                Trace(
                    utterance_id=each.seen.utterance_id,
                    at_ms=each.seen.at_ms,
                    role=each.seen.role,
                    level=finding.level,
                    signs=finding.signs,
                    tags=finding.tags,
                ),
            )
    return _records(row, event, fired, lookups=lookups, emitted_at_ms=emitted_at_ms)


def _turn(row: Conversation, event: Event, said: Said | None) -> Turn | None:
    """What counts as a turn: final words of one of the two who speak. Corrected words stay where they were said."""
    if (
        said is None
        or isinstance(event, CallLifecycle | ChatLifecycle)
        or not said.is_final
        or said.is_private
        or said.is_deleted
        or said.role not in {CUSTOMER, AGENT}
    ):
        return None
    place = place_of(row.watched, said.utterance_id)
    turn = Turn(
        utterance_id=said.utterance_id,
        at_ms=event.occurred_at if place is None else place.at_ms,
        number=row.turn_count + 1 if place is None else place.number,
        role=said.role,
        text=event.text,
        is_revision=said.revision > 0,
    )
    if not isinstance(event, Utterance):
        return turn
    return replace(
        turn,
        spoken_ms=max(event.end_ms - event.start_ms, 0),
        silence_ms=event.silence_before_ms,
        overlap_ms=event.overlap_ms,
        speech_rate=event.speech_rate,
        volume_db=event.volume_db,
    )


def _ground(row: Conversation, turn: Turn | None, *, ends_now: bool = False) -> Ground:
    return Ground(
        started_at_ms=row.started_at_ms,
        now_ms=row.last_at_ms,
        turns=row.turn_count if turn is None else max(row.turn_count, turn.number),
        attribute=lambda name: str(getattr(row, _FIELDS.get(name, name))),
        has_ended=row.ended_at_ms is not None,
        ends_now=ends_now,
        agent_since_ms=row.agent_since_ms,
    )


def _fired_before(watched: Watched, turn: Turn, marks: Iterable[Sign], followed: Followed) -> list[Fired]:
    """Rules that fired because of an older revision of this turn, where the new one still shows why."""
    keys = {mark.rule: mark for mark in marks}
    return [
        Fired(followed.by_id[kept.rule], shown(kept.seen, keys[kept.seen.key]))
        for kept in watched.kept
        if kept.seen.utterance_id == turn.utterance_id and kept.seen.key in keys and kept.rule in followed.by_id
    ]


def _with_fired(finding: Finding | None, fired: list[Fired]) -> Finding:
    """A finding with the signs of rules. The strongest sign gives the level; the conversation adds up the points."""
    finding = finding or Finding(level=NO_LEVEL, score=0)
    if not fired:
        return finding
    signs = sorted((*finding.signs, *map(_sign, fired)), key=lambda sign: (-sign.level.rank, -sign.score))
    tags = [*finding.tags]
    for each in fired:
        tags += effect_tags(each.rule.then, needs_review=each.rule.needs_review)
    words = [sign.quote[sign.mark_start : sign.mark_end] for sign in signs]
    return replace(
        finding,
        level=signs[0].level,
        score=max(finding.score, signs[0].score),
        signs=tuple(signs),
        tags=tuple(dict.fromkeys(tags)),
        keywords=tuple(dict.fromkeys((*finding.keywords, *filter(None, words)))),
    )


def _sign(fired: Fired) -> Sign:
    rule, seen = fired.rule, fired.seen
    is_level = seen is not None and seen.role is CUSTOMER
    level, score = (rule.then.level, rule.then.score) if is_level else (NO_LEVEL, 0)
    if seen is None:
        return Sign(RULE + rule.id, level, score, 0, 0)
    return Sign(RULE + rule.id, level, score, seen.start, seen.end, seen.quote, seen.mark_start, seen.mark_end)


def _records(
    row: Conversation, event: Event, fired: list[Fired], *, lookups: Lookups, emitted_at_ms: int
) -> list[Output]:
    """A tag for each rule, and a finding for each that is a check."""
    outputs: list[Output] = []
    desk = Desk(event.conversation_id, lookups, emitted_at_ms, outputs)
    for each in fired:
        seen = each.seen
        said = Said(
            utterance_id=event.event_id if seen is None else seen.utterance_id,
            revision=0,
            is_final=True,
            role=AGENT if seen is None else seen.role,
        )
        finding = _with_fired(None, [each])
        tag = as_tag(row, event, said, finding, lookups=lookups, emitted_at_ms=emitted_at_ms)
        own_id = fingerprint("tag", f"{event.event_id}:{each.rule.id}:{said.utterance_id}")
        at_ms = event.occurred_at if seen is None else seen.at_ms
        tag = replace(tag, tag_id=own_id, agent_id=agent_at(row, at_ms))
        outputs.append(Output(TAGGED, event.conversation_id.encode(), tag))
        tell_ruled(row, finding, desk, at_ms=at_ms, utterance_id=said.utterance_id)
    return outputs

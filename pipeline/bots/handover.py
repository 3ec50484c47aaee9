"""When a bot should hand over: by the level of the complaint, and when it does not get on. Told once per rise."""

from msgspec.structs import replace

from pipeline.bots.state import MAX_ASKED, MAX_CHARS, MAX_COUNTED, MAX_SAID, BotTalk
from pipeline.bots.words import BotWords
from pipeline.conversation.ids import record_id
from pipeline.conversation.lookups import Lookups
from pipeline.conversation.reasons import as_reasons, longest_running
from pipeline.conversation.said import Event, Said
from pipeline.conversation.state import CUSTOMER_TYPE, Conversation, tagged_with
from pipeline.conversation.tagged import as_evidence, plain_tags
from pipeline.stage import Output
from pipeline.text.redact import redact
from schemas.chats import ChatLifecycle
from schemas.handovers import BotHandover, HandoverCause, Urgency
from schemas.topics import HANDOVERS
from schemas.vocabulary import ChannelClass, Level, Role, ThreatGroup

_RANK = {urgency: rank for rank, urgency in enumerate(Urgency)}
_SELF_HARM_RANK = len(Urgency)  # told although somebody was told of a threat to call 12315
_BY_LEVEL = {
    Level.POTENTIAL: Urgency.OFFER,
    Level.EXPLICIT: Urgency.HAND_OVER,
    Level.HIGH_RISK: Urgency.AT_ONCE,
}


def attend_bot(
    row: Conversation, event: Event, said: Said | None, *, lookups: Lookups, emitted_at_ms: int
) -> tuple[Output, ...]:
    """One event of a chat that a bot has or nobody has answered: what to remember, and whether to hand it over."""
    if row.bot is not None and row.bot.is_awaited and _has_agent(row, event, said):
        row.bot = None
        return ()
    if said is None:
        row.bot = row.bot and _passed_on(row.bot, event)
        return ()
    if said.is_deleted:
        row.bot = row.bot and _without(row.bot, said.utterance_id)
        return ()
    if not said.is_final or said.is_private:
        return ()
    if said.role is Role.BOT and row.agent_since_ms and not (row.bot and row.bot.is_on):
        return ()  # a survey, a reminder, a line that comes late: an agent has the customer
    is_bot = said.role is Role.BOT
    talk = row.bot or BotTalk(is_on=is_bot, is_awaited=not is_bot)
    talk = row.bot = _heard(talk, said, event.text, lookups.bots)  # type: ignore[union-attr]  # said, so a text
    if not talk.is_on:
        return ()
    causes = _causes(row, talk, lookups.bots)
    urgency = max((_urgency(row, cause) for cause in causes), key=_RANK.__getitem__, default=None)
    if urgency is None:
        return ()
    is_self_harm = urgency is Urgency.AT_ONCE and ThreatGroup.SAFETY_SELF_HARM in _threats(row)
    rank = _SELF_HARM_RANK if is_self_harm else _RANK[urgency]
    if rank <= talk.told_rank:
        return ()
    row.bot = replace(talk, told_rank=rank)
    handover = _handover(row, event, urgency, causes, lookups=lookups, emitted_at_ms=emitted_at_ms)
    return (Output(HANDOVERS, event.conversation_id.encode(), handover),)


def _threats(row: Conversation) -> tuple[ThreatGroup, ...]:
    return tuple(dict.fromkeys(threat for trace in row.traces for threat in trace.threats))


def _passed_on(talk: BotTalk, event: Event) -> BotTalk:
    """The same after an event without text: it may say that the bot or an agent has the customer now."""
    if type(event) is not ChatLifecycle or event.to_role not in {Role.AGENT, Role.BOT}:
        return talk
    is_bot = event.to_role is Role.BOT
    if is_bot and not talk.is_on and not talk.is_awaited:
        return BotTalk(since_ms=event.occurred_at)
    return replace(talk, is_on=is_bot, is_awaited=False)


def awaits_answer(row: Conversation) -> bool:
    """Whether a chat waits for whoever will answer it, a bot or an agent; mails and letters have no bots."""
    return not row.agent_since_ms and row.ended_at_ms is None and row.channel is ChannelClass.CHAT


def _has_agent(row: Conversation, event: Event, said: Said | None) -> bool:
    """Whether no bot will answer: an agent has the customer, or it is over."""
    if said is None:
        is_given = type(event) is ChatLifecycle and event.to_role is Role.AGENT
        return is_given or row.ended_at_ms is not None
    return row.agent_since_ms > 0 or (said.role is Role.AGENT and not said.is_private)


def _heard(talk: BotTalk, said: Said, text: str, words: BotWords) -> BotTalk:
    role = said.role
    if role is Role.AGENT:
        return replace(talk, is_on=False) if talk.is_on else talk
    if role is Role.BOT:
        return _answered(talk, said, text, words)
    if role is Role.CUSTOMER and (talk.is_on or talk.is_awaited):
        person_count, counted = talk.person_count, talk.counted
        if said.utterance_id not in counted and words.asks_for_person(text):
            person_count, counted = person_count + 1, _counting(talk, said)
        words_said = [*_without(talk, said.utterance_id).said.items(), (said.utterance_id, _masked(text))]
        return replace(talk, person_count=person_count, counted=counted, said=dict(words_said[-MAX_SAID:]))
    return talk


def _answered(talk: BotTalk, said: Said, text: str, words: BotWords) -> BotTalk:
    """A line of the bot: it has the customer now."""
    failed_count, counted, asked, asked_by = talk.failed_count, talk.counted, talk.asked, talk.asked_by
    if said.utterance_id not in counted and words.failing.search(text):
        failed_count, counted = failed_count + 1, _counting(talk, said)
    if words.asking.search(text):
        before = asked[:-1] if asked_by == said.utterance_id else asked  # a line that is revised asks once
        asked, asked_by = (*before, _masked(text))[-MAX_ASKED:], said.utterance_id
    return replace(
        talk,
        is_on=True,
        is_awaited=False,
        failed_count=failed_count,
        counted=counted,
        asked=asked,
        asked_by=asked_by,
    )


def _counting(talk: BotTalk, said: Said) -> tuple[str, ...]:
    """One more utterance that counts, and not again when it is revised: a call's final is seldom its revision 0."""
    return (*talk.counted, said.utterance_id)[-MAX_COUNTED:]


def _without(talk: BotTalk, utterance_id: str) -> BotTalk:
    """The same without the words of an utterance."""
    if utterance_id not in talk.said:
        return talk
    return replace(talk, said={by: words for by, words in talk.said.items() if by != utterance_id})


def _causes(row: Conversation, talk: BotTalk, words: BotWords) -> tuple[HandoverCause, ...]:
    rules = words.rules
    holds = {
        HandoverCause.LEVEL: row.level is not Level.NONE,
        HandoverCause.ASKED: talk.person_count >= rules.person_after,
        HandoverCause.BOT_FAILED: talk.failed_count >= rules.failing_after,
        HandoverCause.REPEATED: any(demand.count >= rules.repeated_after for demand in row.demands),
    }
    return tuple(cause for cause, does in holds.items() if does)


def _urgency(row: Conversation, cause: HandoverCause) -> Urgency:
    return _BY_LEVEL[row.level] if cause is HandoverCause.LEVEL else Urgency.HAND_OVER


def _handover(
    row: Conversation,
    event: Event,
    urgency: Urgency,
    causes: tuple[HandoverCause, ...],
    *,
    lookups: Lookups,
    emitted_at_ms: int,
) -> BotHandover:
    talk = row.bot or BotTalk()
    threats = _threats(row)
    subject = urgency if talk.told_rank < _SELF_HARM_RANK else f"{urgency}:{ThreatGroup.SAFETY_SELF_HARM}"
    since = f":{talk.since_ms}" if talk.since_ms else ""
    types = [kind for trace in row.traces for kind in tagged_with(trace.tags, CUSTOMER_TYPE)]
    advice = lookups.advice.advise(row.level, threats, types[-1] if types else "")
    strongest = sorted(row.traces, key=lambda trace: -trace.score)[:3]
    return BotHandover(
        handover_id=record_id("handover", subject, f"{event.conversation_id}:{row.started_at_ms}{since}"),
        conversation_id=event.conversation_id,
        urgency=urgency,
        causes=causes,
        level=row.level,
        score=row.score,
        occurred_at=event.occurred_at,
        emitted_at=emitted_at_ms,
        reasons=as_reasons(longest_running(row.traces), lookups.reasons),
        threats=threats,
        evidence=tuple(
            evidence
            for trace in strongest
            for evidence in as_evidence(
                tuple(sign for sign in trace.signs[:1] if sign.quote), trace.utterance_id, lookups
            )
        ),
        never_silenced=ThreatGroup.SAFETY_SELF_HARM in threats,
        said=tuple(talk.said.values()),
        asked=talk.asked,
        tags=plain_tags(tuple(dict.fromkeys(tag for trace in row.traces for tag in trace.tags))),
        customer_type=advice.customer_type,
        advice=advice.card.say.zh,
        advice_en=advice.card.say.en,
        avoid=advice.avoid.zh,
        avoid_en=advice.avoid.en,
        turn_count=row.turn_count,
        customer_key=row.customer_key,
        channel=row.channel,
        queue=row.queue,
        product=row.product,
        region=row.region,
        started_at=row.started_at_ms,
        rules_version=lookups.rules_version,
        tenant=row.tenant,
        test=row.test,
    )


def _masked(text: str) -> str:
    return redact(text).text[:MAX_CHARS]

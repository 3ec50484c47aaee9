"""Promises around a ticket: what its customer waits for, and which of its events keep that."""

from pipeline.conversation.ids import record_id
from pipeline.promises.finder import find_agent
from pipeline.sla.standing import Standing
from pipeline.stage import Output
from schemas.links import PromiseNews
from schemas.promises import DeedCause, PromiseDeed, PromiseKind, PromiseState
from schemas.tickets import TicketEvent
from schemas.topics import PROMISE_EVENTS
from schemas.vocabulary import Role

MAX_PROMISES = 8
_OVER = frozenset({PromiseState.KEPT, PromiseState.RELEASED})
_SPOKEN = frozenset({PromiseKind.CALLBACK, PromiseKind.ANSWER})


def with_news(promised: tuple[PromiseNews, ...], news: PromiseNews) -> tuple[PromiseNews, ...]:
    """What is still waited for after the news of one promise."""
    others = tuple(each for each in promised if each.promise_id != news.promise_id)
    return others if news.state in _OVER else (*others, news)[-MAX_PROMISES:]


def deeds_of(
    event: TicketEvent,
    promised: tuple[PromiseNews, ...],
    *,
    before: Standing,
    after: Standing,
    emitted_at_ms: int,
) -> list[Output]:
    """The promises that an event keeps: a solved ticket all of them, a public comment what is kept by speaking."""
    cause, kinds = _kept(event, before, after)
    return [
        Output(
            PROMISE_EVENTS,
            news.home.encode(),
            PromiseDeed(
                home=news.home,
                deed_id=record_id(cause, news.promise_id, event.event_id),
                cause=cause,
                kinds=(news.kind,),
                occurred_at=event.occurred_at,
                promise_id=news.promise_id,
                emitted_at=emitted_at_ms,
            ),
        )
        for news in promised
        if news.kind in kinds and event.occurred_at > news.said_at
    ]


def _kept(event: TicketEvent, before: Standing, after: Standing) -> tuple[DeedCause, frozenset[PromiseKind]]:
    if after.is_over and not before.is_over and not after.merged_into and not after.void:
        return DeedCause.TICKET_SOLVED, frozenset(PromiseKind)
    comment = event.comment
    if comment is None or comment.author_role is not Role.AGENT:
        return DeedCause.TICKET_COMMENT, frozenset()
    talk = find_agent(comment.text)
    done = frozenset(talk.done if talk is not None else ())
    return DeedCause.TICKET_COMMENT, done | _SPOKEN if comment.public else done

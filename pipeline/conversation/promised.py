"""What a conversation tells the promise ledger: promises of its agents, and what shows that promises were kept.

Only texts in which the finder saw something come here, and later texts of the few conversations with a promise in them.
"""

import msgspec

from pipeline.conversation.ids import record_id
from pipeline.conversation.said import Event, Said
from pipeline.conversation.state import AGENT, CUSTOMER, Conversation
from pipeline.promises.state import Promised, home_of
from pipeline.promises.talk import PromiseTalk
from pipeline.stage import Output
from schemas.promises import DeedCause, PromiseDeed, PromiseKind, PromisesMade, PromiseTo
from schemas.topics import PROMISE_EVENTS
from schemas.vocabulary import ChannelClass

RETURN_AFTER_MS = 5 * 60 * 1000  # an agent who writes again after so long has come back with something
MAX_TEXTS = 16
_TALKS = (PromiseKind.CALLBACK, PromiseKind.ANSWER)  # what is kept by speaking to the customer
_WRITES = (PromiseKind.ANSWER,)  # what is kept by writing to the customer: a call back is a call


def tell_promises(
    row: Conversation, event: Event, said: Said, talk: PromiseTalk | None, *, emitted_at_ms: int
) -> list[Output]:
    """The records for the ledger that follow from one text. What may still change promises nothing."""
    if not said.is_final:
        return []
    outputs: list[Output] = []
    if said.role is AGENT and not said.is_private:
        if row.promised is not None and not said.is_deleted:
            outputs += _returned(row, row.promised, event, said, emitted_at_ms)
        outputs += _made(row, event, said, talk, emitted_at_ms)
    if talk is not None:
        told = DeedCause.CUSTOMER_SAID if said.role is CUSTOMER else DeedCause.AGENT_SAID
        outputs += deeds(row, event, told, talk.done, emitted_at_ms=emitted_at_ms)
        outputs += deeds(row, event, DeedCause.WAIVED, talk.released, emitted_at_ms=emitted_at_ms)
    return outputs


def outreach(row: Conversation, event: Event, *, emitted_at_ms: int) -> list[Output]:
    """We called, and the customer speaks: that is told once."""
    if row.is_outreach_told:
        return []
    row.is_outreach_told = True
    return deeds(row, event, DeedCause.OUTREACH, _TALKS, emitted_at_ms=emitted_at_ms)


def deeds(
    row: Conversation, event: Event, cause: DeedCause, kinds: tuple[PromiseKind, ...], *, emitted_at_ms: int
) -> list[Output]:
    """One deed, told to the customer's book and to that of the conversation: either may hold the promise.

    Who comes back to a chat has done what was promised there; what is said of an order is said of no other.
    """
    if not kinds:
        return []
    is_return = cause is DeedCause.RETURN
    homes = dict.fromkeys(_home(row, event, customer_key) for customer_key in (row.customer_key, ""))
    return [
        Output(
            PROMISE_EVENTS,
            home.encode(),
            PromiseDeed(
                home=home,
                deed_id=record_id(cause, event.conversation_id, event.event_id),
                cause=cause,
                kinds=kinds,
                occurred_at=event.occurred_at,
                conversation_id=event.conversation_id if is_return else "",
                order_id="" if is_return else row.order_id,
                emitted_at=emitted_at_ms,
            ),
        )
        for home in homes
    ]


def _made(row: Conversation, event: Event, said: Said, talk: PromiseTalk | None, emitted_at_ms: int) -> list[Output]:
    """The promises of a text. An edited one stays in its book, though the customer has become known since."""
    made = talk.made if talk is not None and not said.is_deleted else ()
    promised = row.promised or Promised((), event.occurred_at)
    if not made and said.utterance_id not in promised.texts:
        return []
    home = promised.home_of(said.utterance_id) or _home(row, event, row.customer_key)
    texts, homes = promised.texts, promised.homes
    if said.utterance_id not in texts:
        texts, homes = (*texts, said.utterance_id)[-MAX_TEXTS:], (*homes, home)[-MAX_TEXTS:]
    row.promised = Promised(texts, event.occurred_at, homes)
    value = PromisesMade(
        home=home,
        utterance_id=said.utterance_id,
        revision=said.revision,
        to=PromiseTo(
            conversation_id=event.conversation_id,
            channel=row.channel,
            region=row.region,
            queue=row.queue,
            product=row.product,
            agent_id=row.agent_id,
            customer_key=row.customer_key,
            order_id=row.order_id,
            tenant=row.tenant,
            test=row.test,
        ),
        made=made,
        occurred_at=event.occurred_at,
        emitted_at=emitted_at_ms,
    )
    return [Output(PROMISE_EVENTS, home.encode(), value)]


def _returned(row: Conversation, promised: Promised, event: Event, said: Said, emitted_at_ms: int) -> list[Output]:
    """The agent writes again after a while; in a call a pause is no coming back."""
    waited_ms = event.occurred_at - promised.agent_at_ms
    if waited_ms <= 0 or said.utterance_id in promised.texts:
        return []
    row.promised = msgspec.structs.replace(promised, agent_at_ms=event.occurred_at)
    if row.channel is ChannelClass.VOICE or waited_ms < RETURN_AFTER_MS:
        return []
    return deeds(row, event, DeedCause.RETURN, _WRITES, emitted_at_ms=emitted_at_ms)


def _home(row: Conversation, event: Event, customer_key: str) -> str:
    return home_of(customer_key=customer_key, conversation_id=event.conversation_id, tenant=row.tenant, test=row.test)

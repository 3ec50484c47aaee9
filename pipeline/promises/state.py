"""The rows of the promise ledger: one book for each customer who was promised something, or each conversation."""

import msgspec

from pipeline.conversation.ids import fingerprint
from schemas.promises import Promise, PromiseDeed


class Book(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What one customer was promised, and what was done of late that may keep a promise not yet heard of."""

    wake_at_ms: int = 0
    promises: tuple[Promise, ...] = ()
    deeds: tuple[PromiseDeed, ...] = ()
    recent: bytes = b""  # hashes of the records that were read


class Promised(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a conversation remembers of the promises in it."""

    texts: tuple[str, ...]  # the utterances that made them, for the case that one is edited
    agent_at_ms: int  # when the agent last said something
    homes: tuple[str, ...] = ()  # of the last of these texts: the books with their promises

    def home_of(self, utterance_id: str) -> str:
        """The book with the promises of a text; empty for one that made none, or where nobody wrote it down."""
        return dict(zip(reversed(self.texts), reversed(self.homes), strict=False)).get(utterance_id, "")


def home_of(*, customer_key: str, conversation_id: str, tenant: str, test: str) -> str:
    """Where promises are kept account of: with the customer, else with the conversation. Drills keep to themselves."""
    about = ("customer", customer_key) if customer_key else ("conversation", conversation_id)
    return fingerprint(about[0], f"{tenant}|{test}|{about[1]}" if test or tenant != "default" else about[1])

"""The rows of the tickets stage: what a ticket is beside its clocks."""

import msgspec

from pipeline.sla.ticket import Ticket
from schemas.commands import CommandKind
from schemas.links import PromiseNews, TicketSignal

_NEW = Ticket()


LOAD_KEY = b"\xffload"  # the one row that is no ticket: no text in UTF-8 has such a byte


class Pending(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A command that was sent, and what will show that it was carried out."""

    command_id: str
    command: CommandKind
    wanted: str
    expires_at_ms: int
    sent_at_ms: int


class TicketRow(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One ticket; before its first event only what was merged into it."""

    wake_at_ms: int = 0  # when a tick has something to do here
    ticket: Ticket = _NEW
    version: int = 0  # of the last snapshot that was published
    recent: bytes = b""  # hashes of the events that were read
    conversation_id: str = ""
    order_id: str = ""
    customer_key: str = ""
    test: str = ""
    pending: tuple[Pending, ...] = ()
    tried: tuple[str, ...] = ()  # what actions that only try would have done
    topics: tuple[str, ...] = ()  # that its desk was told
    absorbed: tuple[TicketSignal, ...] = ()  # before anything else was heard of it
    promised: tuple[PromiseNews, ...] = ()  # what its customer still waits for
    load: dict[str, int] = {}  # of the row of loads: open tickets by group, as far as this partition knows

    @property
    def is_known(self) -> bool:
        """Whether an event of its own has come."""
        return self.ticket.standing.created_at_ms > 0

"""The rows of the tickets stage: what a ticket is beside its clocks."""

import msgspec

from pipeline.sla.ticket import Ticket

_NEW = Ticket()


class TicketRow(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One ticket."""

    wake_at_ms: int = 0  # when a tick has something to do here
    ticket: Ticket = _NEW
    version: int = 0  # of the last snapshot that was published
    recent: bytes = b""  # hashes of the events that were read
    conversation_id: str = ""
    order_id: str = ""
    customer_key: str = ""
    test: str = ""

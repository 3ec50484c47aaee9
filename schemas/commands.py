"""Commands: what the ticket system should do. Topic `tickets.commands`, keyed by ticket."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from schemas.base import MAX_LIST_ITEMS, Code, EpochMillis, Id, Note, Wire
from schemas.tickets import Priority


class CommandKind(StrEnum):
    """What is to be done."""

    ASSIGN = "assign"
    SET_PRIORITY = "set_priority"
    NOTIFY_CUSTOMER = "notify_customer"
    ADD_NOTE = "add_note"
    LINK = "link"


Params = Annotated[dict[Code, Note], Meta(max_length=MAX_LIST_ITEMS)]


class Command(Wire, tag="ticket.command/1", frozen=True, kw_only=True):
    """One thing to do for one ticket because of one alert; worthless after it expires."""

    command_id: Id
    ticket_id: Id
    command: CommandKind
    cause_alert_id: Id
    expires_at: EpochMillis
    group_id: Code = ""
    priority: Priority | None = None
    template: Code = ""
    params: Params = {}  # noqa: RUF012  msgspec copies an empty default
    conversation_id: Code = ""
    emitted_at: EpochMillis = 0
    test: Code = ""

    def record_id(self) -> str:
        """The command id."""
        return self.command_id

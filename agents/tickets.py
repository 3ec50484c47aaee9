"""The stages around tickets: `tickets` keeps their clocks, `links` finds the ticket that a complaint belongs to."""

from datetime import timedelta
from functools import partial

from pipeline.places.resolve import PlaceTables
from pipeline.sla.policy import SlaPack
from pipeline.stage import Stage
from pipeline.tickets import links
from pipeline.tickets.fold import fold
from pipeline.tickets.links import LinkRow
from pipeline.tickets.state import TicketRow
from schemas.topics import ALERTS, COMMANDS, HINTS, LINKS, MESSAGES, SIGNALS, SLA_CLOCKS, TICKETS, TICKS


def tickets_stage(pack: SlaPack, tables: PlaceTables) -> Stage[TicketRow]:
    """The stage with the policies it is to go by. A ticket that is over is forgotten by itself, an open one never."""
    return Stage(
        name="tickets",
        sources=(TICKETS, SIGNALS, TICKS),
        row=TicketRow,
        outputs=(ALERTS, HINTS, COMMANDS, SLA_CLOCKS, LINKS, SIGNALS, MESSAGES),
        decide=partial(fold, pack=pack, tables=tables),
    )


LINKING: Stage[LinkRow] = Stage(
    name="links",
    sources=(ALERTS, LINKS, TICKS),
    row=LinkRow,
    outputs=(LINKS, SIGNALS),
    decide=links.fold,
    expire_after=timedelta(days=35),
)

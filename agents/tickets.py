"""The tickets stage: events of the ticket system in, warnings and clocks out. `pipeline.tickets` decides."""

from functools import partial

from pipeline.places.resolve import PlaceTables
from pipeline.sla.policy import SlaPack
from pipeline.stage import Stage
from pipeline.tickets.fold import fold
from pipeline.tickets.state import TicketRow
from schemas.topics import ALERTS, COMMANDS, HINTS, SLA_CLOCKS, TICKETS, TICKS


def tickets_stage(pack: SlaPack, tables: PlaceTables) -> Stage[TicketRow]:
    """The stage with the policies it is to go by. A ticket that is over is forgotten by itself, an open one never."""
    return Stage(
        name="tickets",
        sources=(TICKETS, TICKS),
        row=TicketRow,
        outputs=(ALERTS, HINTS, COMMANDS, SLA_CLOCKS),
        decide=partial(fold, pack=pack, tables=tables),
    )

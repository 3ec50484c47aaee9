"""The stages around tickets: `tickets` keeps their clocks, `links` finds the ticket that a complaint belongs to.

`desks` sees what many tickets show together: hot topics, and hours that nobody staffs.
"""

from datetime import timedelta
from functools import partial

from pipeline.desks import fold as desks
from pipeline.desks.state import HOURS_KEPT, DeskRow
from pipeline.packing import Packing
from pipeline.places.resolve import PlaceTables
from pipeline.sla.house import Staffing
from pipeline.sla.policy import SlaPack
from pipeline.stage import LEISURE, Stage
from pipeline.tickets import links
from pipeline.tickets.fold import fold
from pipeline.tickets.links import LinkRow
from pipeline.tickets.sample import SAMPLE
from pipeline.tickets.state import TicketRow
from schemas.topics import (
    ALERTS,
    COMMANDS,
    DESK,
    HINTS,
    HOT,
    LINKS,
    MESSAGES,
    PROMISE_EVENTS,
    SIGNALS,
    SLA_CLOCKS,
    TICKETS,
    TICKS,
)


def tickets_stage(pack: SlaPack, tables: PlaceTables) -> Stage[TicketRow]:
    """The stage with the policies it is to go by. A ticket that is over is forgotten by itself, an open one never."""
    return Stage(
        name="tickets",
        sources=(TICKETS, SIGNALS, TICKS),
        row=TicketRow,
        outputs=(ALERTS, HINTS, COMMANDS, SLA_CLOCKS, LINKS, SIGNALS, DESK, MESSAGES, PROMISE_EVENTS),
        decide=partial(fold, pack=pack, tables=tables),
        packing=Packing(SAMPLE),
    )


def desks_stage(staffing: Staffing | None) -> Stage[DeskRow]:
    """The stage with the hours that should be staffed; what nobody touched for longer than it compares with goes."""
    return Stage(
        name="desks",
        sources=(DESK, TICKS),
        row=DeskRow,
        outputs=(HOT, SIGNALS),
        decide=partial(desks.fold, staffing=staffing),
        patience=LEISURE,
        expire_after=timedelta(hours=HOURS_KEPT),
    )


LINKING: Stage[LinkRow] = Stage(
    name="links",
    sources=(ALERTS, LINKS, TICKS),
    row=LinkRow,
    outputs=(LINKS, SIGNALS),
    decide=links.fold,
    expire_after=timedelta(days=35),
)

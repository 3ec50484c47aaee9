"""The customers stage: contacts in, what came before and counts of customers out. `pipeline.contacts` decides."""

from pipeline.contacts import Customer, fold
from pipeline.stage import LEISURE, Stage
from schemas.topics import CONTACTS, CONTEXTS, KPI_TALLIES, TICKS

CUSTOMERS: Stage[Customer] = Stage(
    name="customers",
    sources=(CONTACTS, TICKS),
    row=Customer,
    outputs=(CONTEXTS, KPI_TALLIES),
    decide=fold,
    patience=LEISURE,
)

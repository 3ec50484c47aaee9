"""The customers stage: contacts of all channels in, what came before out. `pipeline.contacts` decides."""

from pipeline.contacts import Customer, fold
from pipeline.stage import Stage
from schemas.topics import CONTACTS, CONTEXTS, TICKS

CUSTOMERS: Stage[Customer] = Stage(
    name="customers",
    sources=(CONTACTS, TICKS),
    row=Customer,
    outputs=(CONTEXTS,),
    decide=fold,
)

"""The measures stage: what conversations, tickets and agents came to in, counts out. `pipeline.measures` decides."""

from datetime import timedelta

from pipeline.measures.fold import STAGE, decode, fold
from pipeline.measures.state import MeasuresRow
from pipeline.stage import LEISURE, Stage
from schemas.topics import (
    AGENT_STATES,
    ALERTS,
    FINDINGS,
    INCIDENTS,
    KPI_TALLIES,
    PROMISES,
    SLA_CLOCKS,
    TICKETS,
    TICKS,
)

MEASURES: Stage[MeasuresRow] = Stage(
    name=STAGE,
    sources=(FINDINGS, ALERTS, SLA_CLOCKS, PROMISES, INCIDENTS, TICKETS, AGENT_STATES, TICKS),
    row=MeasuresRow,
    outputs=(KPI_TALLIES,),
    decide=fold,
    patience=LEISURE,
    decode=decode,
    expire_after=timedelta(days=35),
)

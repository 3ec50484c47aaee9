"""The kpis stage: what was counted on the way in, figures by the hour out. `pipeline.kpis` decides."""

from datetime import timedelta

from pipeline.kpis.fold import fold
from pipeline.kpis.state import KpiRow
from pipeline.stage import Stage
from schemas.topics import ALERTS, KPI_HOURS, KPI_TALLIES, TICKS

KPIS: Stage[KpiRow] = Stage(
    name="kpis",
    sources=(KPI_TALLIES, TICKS),
    row=KpiRow,
    outputs=(KPI_HOURS, ALERTS),
    decide=fold,
    expire_after=timedelta(days=35),
)

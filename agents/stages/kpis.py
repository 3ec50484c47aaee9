"""The kpis stage: what was counted on the way in, figures by the hour out. `pipeline.kpis` decides."""

from datetime import timedelta
from functools import partial

from pipeline.kpis.fold import fold
from pipeline.kpis.state import KpiRow
from pipeline.stage import LEISURE, Stage
from schemas.topics import ALERTS, KPI_HOURS, KPI_TALLIES, TICKS


def kpis_stage(trade_rate: float | None) -> Stage[KpiRow]:
    """The stage with the trade's mean share of complaining customers, where it is known."""
    return Stage(
        name="kpis",
        sources=(KPI_TALLIES, TICKS),
        row=KpiRow,
        outputs=(KPI_HOURS, ALERTS),
        decide=partial(fold, trade_rate=trade_rate),
        patience=LEISURE,
        expire_after=timedelta(days=35),
    )

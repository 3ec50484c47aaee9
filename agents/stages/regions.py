"""The regions stage: alerts in, windows of event time out. `pipeline.regions` decides."""

from pipeline.regions.fold import fold
from pipeline.regions.state import RegionRow
from pipeline.stage import LEISURE, Stage
from schemas.topics import ALERTS, TICKS, WINDOWS

REGIONS: Stage[RegionRow] = Stage(
    name="regions",
    sources=(ALERTS, TICKS),
    row=RegionRow,
    outputs=(WINDOWS, ALERTS),
    decide=fold,
    patience=LEISURE,
)

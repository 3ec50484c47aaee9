"""The reviews stage: findings on service and actions about them in, reviews out. `quality.reviewing` decides."""

from datetime import timedelta

from pipeline.quality.reviewing import Reviewed, fold
from pipeline.stage import LEISURE, Stage
from schemas.topics import FINDINGS, REVIEW_ACTIONS, TICKS

REVIEWS: Stage[Reviewed] = Stage(
    name="reviews",
    sources=(FINDINGS, REVIEW_ACTIONS, TICKS),
    row=Reviewed,
    outputs=(FINDINGS,),
    decide=fold,
    patience=LEISURE,
    expire_after=timedelta(days=35),
)

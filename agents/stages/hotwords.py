"""The words stage: alerts in, hot words and outbreaks out. `pipeline.hotwords` decides.

It counts its regions from alerts, which are keyed by region, and publishes what it counted for the count of all
regions, which it reads back under one key.
"""

from datetime import timedelta

from pipeline.hotwords.fold import fold
from pipeline.hotwords.state import WordsRow
from pipeline.stage import LEISURE, Stage
from schemas.topics import ALERTS, HOT_WORDS, SAYINGS, TICKS

WORDS: Stage[WordsRow] = Stage(
    name="words",
    sources=(ALERTS, SAYINGS, TICKS),
    row=WordsRow,
    outputs=(SAYINGS, HOT_WORDS, ALERTS),
    decide=fold,
    patience=LEISURE,
    # What a conversation was counted for; whatever else is kept is written at least once an hour while it is of use.
    expire_after=timedelta(hours=24),
)

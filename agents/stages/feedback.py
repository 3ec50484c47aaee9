"""The feedback stage: answers and reviews in, judgements, messages and counts out. `pipeline.feedback` decides."""

from datetime import timedelta
from functools import partial
from typing import Any

from pipeline.conversation.ruled import Ruleset
from pipeline.feedback.fold import STAGE, fold
from pipeline.feedback.state import FeedbackRow
from pipeline.rulebook import Rulebook
from pipeline.stage import Stage
from schemas.topics import ALERTS, FEEDBACK, JUDGEMENTS, KPI_TALLIES, MESSAGES, RULES_PACKS, TICKS

EXPIRE_AFTER = timedelta(days=35)


def feedback_stage(rulebook: Rulebook[Ruleset]) -> Stage[Any]:
    """The stage with the rules it begins with; a pack that is pushed reads comments from then on."""
    return Stage(
        name=STAGE,
        sources=(FEEDBACK, RULES_PACKS, TICKS),
        row=FeedbackRow,
        outputs=(JUDGEMENTS, MESSAGES, KPI_TALLIES, ALERTS),
        decide=partial(fold, rulebook=rulebook),
        expire_after=EXPIRE_AFTER,
        control=rulebook.control,
    )

"""The promises stage: promises and deeds in, how each promise stands out. `pipeline.promises.ledger` decides."""

from functools import partial

from pipeline.promises.fold import fold
from pipeline.promises.state import Book
from pipeline.sla.policy import PromisePolicy
from pipeline.stage import LEISURE, Stage
from schemas.topics import ALERTS, CONTACTS, HINTS, LINKS, PROMISE_EVENTS, PROMISES, TICKS


def promises_stage(policy: PromisePolicy) -> Stage[Book]:
    """The stage with the policy it is to go by. A promise that is over is forgotten by itself, an open one never."""
    return Stage(
        name="promises",
        sources=(PROMISE_EVENTS, TICKS),
        row=Book,
        outputs=(PROMISES, ALERTS, HINTS, LINKS, CONTACTS),
        decide=partial(fold, policy=policy),
        patience=LEISURE,
    )

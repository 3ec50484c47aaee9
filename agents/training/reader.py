"""A reader from labelled examples: what it is taught, and how far it is followed beside a linear model."""

from collections.abc import Sequence

from agents.training.labels import Example
from agents.training.reader_base import Base
from agents.training.reader_file import written
from agents.training.reader_fit import Say, fit_reader
from pipeline.learned.reader import FORMAT, About

# Chosen on three of the five folds of the repository's labels, looked at on the other two: `docs/model.md`. What high
# risk is, a reader does not know better than the rules.
LEVEL_SHARES = (0.5, 0.25, 0.0)
LEVEL_SHIFTS = (0.0, 0.0, 0.0)
REASON_SHARE = 0.5
REASON_SHIFT = 0.2


def taught_reader(base: Base, examples: Sequence[Example], say: Say) -> bytes:
    """The file of a reader that was taught on these examples; `say` is told of each step."""
    taught = fit_reader(base, examples, say)
    about = About(
        FORMAT,
        tuple(taught.classes.values()),
        LEVEL_SHARES,
        LEVEL_SHIFTS,
        REASON_SHARE,
        REASON_SHIFT,
        {"texts": len(examples)},
    )
    return written(base.with_weights(taught.weights), taught.head, taught.bias, about)

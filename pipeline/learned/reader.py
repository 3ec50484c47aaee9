"""A reader: a small transformer that reads again what may be a complaint, beside the linear model.

It knows the language from texts without labels, so it sees displeasure in words that no label ever held; and it costs
milliseconds a text where the linear model costs a microsecond. One text is read at a time: its numbers are rounded to
eight bits by the largest among them, so that a neighbour in the same call would change what is said of it.

A file is an ONNX graph with two entries beside it, `tocsin` (what is said here) and `tokenizer`. It is a program, if a
harmless one: onnxruntime runs it without operators of anybody's own. Take it from whom you take code.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from pipeline.errors import TocsinError
from pipeline.learned.model import QUESTIONS

FORMAT = 1
MAX_BYTES = 256 * 1024 * 1024
MAX_PIECES = 128  # of a text; a piece is about a character. What stands behind them only the linear model reads
READS_FROM = 1.5  # log-odds below the linear model's first threshold; what it holds for less likely nobody reads again
ABOUT, TOKENIZER = "tocsin", "tokenizer"  # entries beside the graph
PIECES_IN, ODDS_OUT = "input_ids", "log_odds"


class ReaderError(TocsinError):
    """A file is no reader of ours, or what runs it is not installed; the text says which."""


class About(msgspec.Struct, frozen=True):
    """What a reader says of itself, as JSON.

    Its answers are three log-odds, those of the questions of a `Model`, then one for each class of reasons. A share is
    how far the reader is followed, the rest is the linear model's; a shift moves the linear model's threshold for the
    two together.
    """

    format: int
    classes: tuple[tuple[str, ...], ...]  # leaves, as those of a `Model`
    level_shares: tuple[float, float, float]
    level_shifts: tuple[float, float, float]
    reason_share: float
    reason_shift: float
    card: dict[str, Any] = {}


class Opinion(NamedTuple):
    """What a reader says of one text, as log-odds."""

    levels: tuple[float, ...]  # for each of QUESTIONS
    reasons: Mapping[tuple[str, ...], float]  # by class


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """A reader at work. `version` is the hash of its file."""

    version: str
    about: About
    _tokenizer: Any
    _session: Any

    def read(self, text: str) -> Opinion:
        """What it says of a folded text of a customer."""
        pieces = self._tokenizer.encode(text).ids
        (odds,) = self._session.run([ODDS_OUT], {PIECES_IN: [pieces]})
        levels, reasons = odds[0, : len(QUESTIONS)].tolist(), odds[0, len(QUESTIONS) :].tolist()
        return Opinion(tuple(levels), dict(zip(self.about.classes, reasons, strict=True)))

    def level_odds(self, linear: Sequence[float], opinion: Opinion) -> list[float]:
        """Both together: log-odds for each of QUESTIONS."""
        shares = self.about.level_shares
        return [
            (1 - share) * ours + share * its for share, ours, its in zip(shares, linear, opinion.levels, strict=True)
        ]

    def reason_odds(self, linear: Sequence[float], opinion: Opinion, classes: Sequence[tuple[str, ...]]) -> list[float]:
        """Both together: log-odds for each of these classes; one that the reader was not taught stays as it is."""
        share = self.about.reason_share
        return [
            ours if leaves not in opinion.reasons else (1 - share) * ours + share * opinion.reasons[leaves]
            for ours, leaves in zip(linear, classes, strict=True)
        ]


def open_reader(name: str, data: bytes) -> Reader:
    """The reader in these bytes; raises a ReaderError that begins with `name`."""
    # A worker without a reader runs without these two.
    try:
        import onnxruntime  # noqa: PLC0415
        from tokenizers import Tokenizer  # noqa: PLC0415
    except ImportError as error:
        raise ReaderError(
            f"{name}: a reader needs onnxruntime and tokenizers: "
            "pip install --require-hashes -r requirements/reader.txt, or tocsin[reader]"
        ) from error
    if len(data) > MAX_BYTES:
        raise ReaderError(f"{name}: no reader of Tocsin: {len(data)} bytes; expected at most {MAX_BYTES}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a worker's other core has work of its own
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        entries = session.get_modelmeta().custom_metadata_map
        about = msgspec.json.decode(entries[ABOUT], type=About)
        tokenizer = Tokenizer.from_str(entries[TOKENIZER])
        _check(about, session)
    except KeyError as error:
        raise ReaderError(f"{name}: no reader of Tocsin: has no entry {error}") from error
    except Exception as error:  # both libraries raise exceptions of their own for each kind of damage
        raise ReaderError(f"{name}: no reader of Tocsin: {error}") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_PIECES)
    return Reader(hashlib.sha256(data).hexdigest()[:12], about, tokenizer, session)


def _check(about: About, session: Any) -> None:
    if about.format != FORMAT:
        raise ValueError(f"format {about.format}; this version reads {FORMAT}")
    inputs, outputs = ([each.name for each in side] for side in (session.get_inputs(), session.get_outputs()))
    if inputs != [PIECES_IN] or outputs != [ODDS_OUT]:
        raise ValueError(f"expected {PIECES_IN} in and {ODDS_OUT} out, not {inputs} and {outputs}")
    answers = session.get_outputs()[0].shape[-1]
    if answers != len(QUESTIONS) + len(about.classes):
        raise ValueError(f"{answers} answers; expected {len(QUESTIONS)} levels and {len(about.classes)} classes")

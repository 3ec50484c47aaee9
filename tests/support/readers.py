"""Small readers made by hand: every character adds something to the answers, so what a text comes to is seen."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import orjson
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from pipeline.learned.model import QUESTIONS
from pipeline.learned.reader import ABOUT, FORMAT, ODDS_OUT, PIECES_IN, TOKENIZER, About, Reader, open_reader

CLASSES = (("refund",), ("attitude",))


def about(**changes: Any) -> About:
    """A reader that is followed as far as the linear model, but for high risk."""
    plain = About(FORMAT, CLASSES, (0.5, 0.5, 0.0), (0.0, 0.0, 0.0), 0.5, 0.0)
    return msgspec.structs.replace(plain, **changes)


def reader_bytes(
    words: Mapping[str, Sequence[float]],
    *,
    bias: float = -4.0,
    entries: Mapping[str, str] | None = None,
    **changes: Any,
) -> bytes:
    """The file of a reader. `words`: what each character adds to the five answers; `entries` replace its own."""
    answers = len(QUESTIONS) + len(CLASSES)
    table = np.array([[0.0] * answers, *words.values()], np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", PIECES_IN], ["each"]),
            helper.make_node("ReduceSum", ["each", "axis"], ["sum"], keepdims=0),
            helper.make_node("Add", ["sum", "bias"], [ODDS_OUT]),
        ],
        "by hand",
        [helper.make_tensor_value_info(PIECES_IN, TensorProto.INT64, ["texts", "pieces"])],
        [helper.make_tensor_value_info(ODDS_OUT, TensorProto.FLOAT, ["texts", answers])],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([1]), "axis"),
            numpy_helper.from_array(np.full(answers, bias, np.float32), "bias"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    tokenizer = Tokenizer(models.WordLevel({piece: number for number, piece in enumerate(["[UNK]", *words])}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    own = {ABOUT: msgspec.json.encode(about(**changes)).decode(), TOKENIZER: tokenizer.to_str()}
    helper.set_model_props(model, own if entries is None else entries)
    return model.SerializeToString()


def reader_of(words: Mapping[str, Sequence[float]], **options: Any) -> Reader:
    """Such a reader, opened."""
    return open_reader("by hand", reader_bytes(words, **options))


def unlike_json(name: str) -> dict[str, str]:
    """Entries of a file in which one is no JSON."""
    entries = {ABOUT: msgspec.json.encode(about()).decode(), TOKENIZER: orjson.dumps({}).decode()}
    return {**entries, name: "{"}

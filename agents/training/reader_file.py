"""What a reader was taught as the bytes of its file: a head on the graph, weights of eight bits, entries beside it."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import onnx
import orjson
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from agents.training.reader_base import Base, Graph
from pipeline.learned.reader import ABOUT, ODDS_OUT, PIECES_IN, TOKENIZER, About

_OPERATORS = 13  # the version of ONNX's operators that quantised weights need at least
_MASK, _KINDS = "attention_mask", "token_type_ids"


def written(base: Base, head: npt.NDArray[np.float32], bias: npt.NDArray[np.float32], about: About) -> bytes:
    """The file of a reader: `base` has its weights, `head` one row for each answer."""
    small = base.without_unused()
    model = onnx.version_converter.convert_version(small.model, _OPERATORS)
    _take_one_text(model.graph)
    _put_head(model.graph, head, bias)
    with tempfile.TemporaryDirectory() as folder:  # the quantiser reads and writes files
        whole, quantised = Path(folder) / "whole.onnx", Path(folder) / "quantised.onnx"
        onnx.save(model, whole)
        # Seven of the eight bits: without them processors that lack VNNI overflow silently, and say something else.
        quantize_dynamic(whole, quantised, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
        model = onnx.load(quantised)
    entries = {ABOUT: msgspec.json.encode(about).decode(), TOKENIZER: orjson.dumps(small.tokenizer).decode()}
    helper.set_model_props(model, entries)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _take_one_text(graph: Graph) -> None:
    """One text at a time needs no padding, so its mask and its kinds are reckoned from the pieces themselves."""
    for node in [
        helper.make_node("Shape", [PIECES_IN], ["tocsin_shape"]),
        _filled("tocsin_shape", _MASK, 1),
        _filled("tocsin_shape", _KINDS, 0),
    ][::-1]:
        graph.node.insert(0, node)
    kept = [each for each in graph.input if each.name == PIECES_IN]
    del graph.input[:]
    graph.input.extend(kept)


def _filled(shape: str, name: str, value: int) -> Any:
    return helper.make_node(
        "ConstantOfShape", [shape], [name], value=helper.make_tensor(f"{name}_value", TensorProto.INT64, [1], [value])
    )


def _put_head(graph: Graph, head: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]) -> None:
    """The first piece stands for the text; each answer is a weighted sum over it."""
    (hidden,) = [each.name for each in graph.output]
    tensors: Mapping[str, npt.NDArray[Any]] = {
        "tocsin_first": np.array(0, np.int64),
        "tocsin_head": np.ascontiguousarray(head.T, np.float32),
        "tocsin_bias": bias.astype(np.float32),
    }
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in tensors.items())
    graph.node.extend(_head_nodes(hidden))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(ODDS_OUT, TensorProto.FLOAT, ["texts", len(bias)]))


def _head_nodes(hidden: str) -> Sequence[Any]:
    return [
        helper.make_node("Gather", [hidden, "tocsin_first"], ["tocsin_whole"], axis=1),
        helper.make_node("Gemm", ["tocsin_whole", "tocsin_head", "tocsin_bias"], [ODDS_OUT]),
    ]

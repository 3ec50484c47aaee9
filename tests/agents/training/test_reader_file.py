"""From a pretrained encoder to the file of a reader: weights by name, unused pieces, the head, eight bits.

The encoder here is a stump of BERT's graph, exported as BERT is: products are turned and renamed. Teaching itself needs
torch, which is no part of the suite.
"""

import zipfile

import numpy as np
import onnx
import orjson
import pytest
from onnx import TensorProto, helper, numpy_helper

from agents.training.reader_base import WORDS, BaseError, read_base
from agents.training.reader_file import written
from pipeline.learned.reader import open_reader
from tests.support.readers import about

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "慢", "贵", "##慢", "a", "##b"]
WIDTH, ANSWERS = 8, 5
QUERY = "encoder.layer.0.attention.self.query"
CHANCE = np.random.default_rng(7)
EMBEDDINGS = CHANCE.normal(size=(len(PIECES), WIDTH)).astype(np.float32)
TURNED = CHANCE.normal(size=(WIDTH, WIDTH)).astype(np.float32)
HEAD, BIAS = CHANCE.normal(size=(ANSWERS, WIDTH)).astype(np.float32), CHANCE.normal(size=ANSWERS).astype(np.float32)


def graph() -> onnx.ModelProto:
    """Pieces -> their vectors, with kind and mask -> one product -> the hidden state."""
    nodes = [
        helper.make_node("Gather", [WORDS, "input_ids"], ["words"]),
        helper.make_node("Gather", ["kinds", "token_type_ids"], ["kind"]),
        helper.make_node("Add", ["words", "kind"], ["vectors"]),
        helper.make_node("MatMul", ["vectors", "onnx::MatMul_7"], ["product"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask"], ["wide"], axes=[2]),
        helper.make_node("Mul", ["product", "wide"], ["last_hidden_state"]),
    ]
    nodes[3].name = "/encoder/layer.0/attention/self/query/MatMul"
    inputs = ["input_ids", "attention_mask", "token_type_ids"]
    return helper.make_model(
        helper.make_graph(
            nodes,
            "stump",
            [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "pieces"]) for name in inputs],
            [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["texts", "pieces", WIDTH])],
            [
                numpy_helper.from_array(EMBEDDINGS, WORDS),
                numpy_helper.from_array(np.zeros((2, WIDTH), np.float32), "kinds"),
                numpy_helper.from_array(TURNED, "onnx::MatMul_7"),
            ],
        ),
        opset_imports=[helper.make_opsetid("", 11)],
        ir_version=8,
    )


def tokenizer() -> dict:
    """As BERT's: a text begins with [CLS], and Chinese characters stand alone."""
    numbers = {piece: number for number, piece in enumerate(PIECES)}
    special = {name: {"id": name, "ids": [numbers[name]], "tokens": [name]} for name in ("[CLS]", "[SEP]")}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": number, "content": PIECES[number], **flags} for number in range(4)],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": False,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
            ],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": special,
        },
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": numbers,
        },
    }


def packed(path, *, graphs: int = 1, model: onnx.ModelProto | None = None):
    """A jar with an encoder."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(graphs):
            archive.writestr(f"{number}.onnx", (model or graph()).SerializeToString())
        archive.writestr("small-tokenizer.json", orjson.dumps(tokenizer()))
    return path


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The stump, read from a jar."""
    return read_base(packed(tmp_path_factory.mktemp("base") / "small.jar"))


def test_weights_are_named_and_shaped_as_bert_names_them(base):
    """A product's weights come back turned: torch keeps them as (out, in)."""
    assert sorted(base.weights) == [WORDS, f"{QUERY}.weight"]
    assert np.array_equal(base.weights[f"{QUERY}.weight"], TURNED.T)


def test_weights_are_put_back(base):
    """Other weights, the same graph; the base itself keeps its own."""
    other = base.with_weights({name: value + 1 for name, value in base.weights.items()})
    assert np.allclose(other.weights[f"{QUERY}.weight"], TURNED.T + 1)
    assert np.array_equal(base.weights[f"{QUERY}.weight"], TURNED.T)


def test_pieces_that_no_text_has_are_left_out(base):
    """Chinese characters never continue a word; Latin ones do."""
    small = base.without_unused()
    assert list(small.tokenizer["model"]["vocab"]) == [piece for piece in PIECES if piece != "##慢"]
    assert np.array_equal(small.weights[WORDS], np.delete(EMBEDDINGS, PIECES.index("##慢"), axis=0))


@pytest.mark.parametrize("text", ["慢慢贵", "贵 ab", "", "无"])
def test_a_written_reader_says_what_was_taught(base, text):
    """The head over the first piece, within what eight bits lose."""
    reader = open_reader("ours", written(base, HEAD, BIAS, about()))
    opinion = reader.read(text)
    expected = HEAD @ (EMBEDDINGS[PIECES.index("[CLS]")] @ TURNED) + BIAS
    assert np.allclose([*opinion.levels, *opinion.reasons.values()], expected, atol=0.05 * np.abs(expected).max())
    assert reader.about == about()


def test_the_same_weights_give_the_same_file(base):
    """To the last bit: the version is a hash of the content."""
    assert written(base, HEAD, BIAS, about()) == written(base, HEAD, BIAS, about())


def test_no_encoder(tmp_path):
    """Said with the file and what is missing in it."""
    text = tmp_path / "a.txt"
    text.write_text("no zip")
    with pytest.raises(BaseError, match="no jar or zip"):
        read_base(text)
    with pytest.raises(BaseError, match=r"expected one \*\.onnx"):
        read_base(packed(tmp_path / "two.jar", graphs=2))
    other = graph()
    other.graph.initializer[0].name = "table"
    other.graph.node[0].input[0] = "table"
    with pytest.raises(BaseError, match=f"no {WORDS}"):
        read_base(packed(tmp_path / "other.jar", model=other))

"""Teach an encoder to read complaints: three questions about the level and one for each class of reasons, at once.

Needs torch and transformers, and 15 minutes on two cores for the 9,000 texts of the shipped reader. Seeded; but sums of
floating-point numbers differ from machine to machine, so another machine gives another file of the same quality.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
import torch
from tokenizers import Tokenizer
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import BertConfig, BertModel

from agents.training.fit import PRACTICE_WEIGHT, SEED
from agents.training.labels import Example
from agents.training.reader_base import WORDS, Base, Weights
from pipeline.learned.model import QUESTIONS
from pipeline.learned.reader import MAX_PIECES
from pipeline.learned.reasons import classes_of
from pipeline.text.normalize import FoldedBatch
from schemas.vocabulary import Role

_ROUNDS = 2  # over all texts; a third would fit the labels' noise
_RATE = 1.5e-4
_HEAD_RATE = 10 * _RATE
_WARM = 0.08  # share of the steps in which the rate rises
_PIECES_AT_ONCE = 1_800
_ATTENTION_HEADS_OF = 64  # numbers of a piece for each head, in every BERT
_WEIGHT_DECAY = 0.01
_MAX_GRADIENT = 1.0

Say = Callable[[int, int], None]  # step, of so many


class Taught(NamedTuple):
    """What was learned: the encoder's weights, and one row of the head for each question, then for each class."""

    weights: Weights
    head: npt.NDArray[np.float32]  # (questions + classes) x width
    bias: npt.NDArray[np.float32]
    classes: dict[str, tuple[str, ...]]


class _Answers(NamedTuple):
    """What is to be said of each text, and how much each answer counts; 0 where nobody knows."""

    levels: Any
    reasons: Any
    level_counts: Any
    reason_counts: Any


def fit_reader(base: Base, examples: Sequence[Example], say: Say = lambda _, __: None) -> Taught:
    """Teach on these examples; those of agents, bots and systems are left out, as a worker leaves them out."""
    torch.manual_seed(SEED)
    chance = np.random.default_rng(SEED)
    examples = [example for example in examples if example.role is Role.CUSTOMER]
    classes = classes_of(reason for example in examples for reason in example.reasons)
    answers = _answers(examples, list(classes))
    pieces = _pieces(base, examples)
    encoder, head = _network(base, len(QUESTIONS) + len(classes))
    learning = [weight for weight in encoder.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": learning, "lr": _RATE, "weight_decay": _WEIGHT_DECAY},
            {"params": head.parameters(), "lr": _HEAD_RATE},
        ]
    )
    batches = [batch for _ in range(_ROUNDS) for batch in _batches([len(each) for each in pieces], chance)]
    count = len(batches)
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (_WARM * count), (count - step) / ((1 - _WARM) * count))
    )
    for step, batch in enumerate(batches):
        say(step, count)
        loss = _loss(_odds(encoder, head, [pieces[place] for place in batch]), answers, batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, _MAX_GRADIENT)
        optimizer.step()
        rate.step()
    weights = {name: tensor.numpy() for name, tensor in encoder.state_dict().items()}
    return Taught(weights, head.weight.detach().numpy(), head.bias.detach().numpy(), classes)


def _network(base: Base, answers: int) -> tuple[Any, Any]:
    """The encoder with its weights, and a head without any knowledge. Embeddings stay as they are."""
    weights = base.weights
    vocabulary, width = weights[WORDS].shape
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer.")),
        num_attention_heads=width // _ATTENTION_HEADS_OF,
        intermediate_size=len(weights["encoder.layer.0.intermediate.dense.bias"]),
        max_position_embeddings=len(weights["embeddings.position_embeddings.weight"]),
        attention_probs_dropout_prob=0.0,
    )
    encoder = BertModel(config, add_pooling_layer=False)
    encoder.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    for table in (encoder.embeddings.word_embeddings, encoder.embeddings.position_embeddings):
        table.weight.requires_grad_(requires_grad=False)
    head = torch.nn.Linear(width, answers)
    torch.nn.init.normal_(head.weight, std=0.02)
    torch.nn.init.zeros_(head.bias)
    encoder.train()
    return encoder, head


def _odds(encoder: Any, head: Any, pieces: Sequence[Sequence[int]]) -> Any:
    """The log-odds of every answer for each text, by the encoder's first piece, which stands for the whole."""
    longest = max(len(each) for each in pieces)
    numbers = torch.zeros(len(pieces), longest, dtype=torch.long)
    is_piece = torch.zeros(len(pieces), longest, dtype=torch.long)
    for row, each in enumerate(pieces):
        numbers[row, : len(each)] = torch.tensor(each)
        is_piece[row, : len(each)] = 1
    whole = encoder(input_ids=numbers, attention_mask=is_piece).last_hidden_state[:, 0]
    return head(torch.nn.functional.dropout(whole, 0.1))


def _loss(odds: Any, answers: _Answers, batch: Sequence[int]) -> Any:
    of_level = binary_cross_entropy_with_logits(odds[:, : len(QUESTIONS)], answers.levels[batch], reduction="none")
    of_reason = binary_cross_entropy_with_logits(odds[:, len(QUESTIONS) :], answers.reasons[batch], reduction="none")
    summed = of_level.sum(1) * answers.level_counts[batch] + of_reason.sum(1) * answers.reason_counts[batch]
    return summed.mean()


def _answers(examples: Sequence[Example], labels: Sequence[str]) -> _Answers:
    named = [example.named for example in examples]
    counts = torch.tensor([PRACTICE_WEIGHT if example.practice else 1.0 for example in examples])
    has_level = torch.tensor([float(example.level is not None) for example in examples])
    has_reason = torch.tensor([float(bool(example.reasons)) for example in examples])
    ranks = [example.level.rank if example.level else 0 for example in examples]
    return _Answers(
        torch.tensor([[float(rank >= question.rank) for question in QUESTIONS] for rank in ranks]),
        torch.tensor([[float(label in each) for label in labels] for each in named]),
        counts * has_level,
        counts * has_reason,
    )


def _pieces(base: Base, examples: Sequence[Example]) -> list[list[int]]:
    tokenizer = Tokenizer.from_str(orjson.dumps(base.tokenizer).decode())
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_PIECES)
    folded = FoldedBatch([example.text for example in examples]).texts
    return [each.ids for each in tokenizer.encode_batch(list(folded))]


def _batches(lengths: Sequence[int], chance: np.random.Generator) -> list[list[int]]:
    """Texts of about one length together, in chance order."""
    sizes = np.array(lengths)
    batches: list[list[int]] = [[]]
    longest = 0
    for place in np.argsort(sizes * chance.uniform(0.85, 1.15, len(sizes)), kind="stable").tolist():
        longest = max(longest, lengths[place])
        if batches[-1] and longest * (len(batches[-1]) + 1) > _PIECES_AT_ONCE:
            batches.append([])
            longest = lengths[place]
        batches[-1].append(place)
    chance.shuffle(batches)
    return batches

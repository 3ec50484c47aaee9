"""Topics: what a text speaks of, as features."""

import pytest

from pipeline.learned.topics import Topics
from pipeline.rules.load import load_pack

TOPICS = Topics(load_pack())


def heard(text: str) -> dict[str, float]:
    """What one text speaks of."""
    return TOPICS.heard([text])[0]


def test_a_topic_is_no_word_that_tells():
    """流量 is spoken of by whoever praises it, too; 扣费 tells its leaf, and the rules say so."""
    assert heard("流量")["about:overcharge"] == 1.0
    assert not any(name.startswith("about:") for name in heard("扣费"))
    assert heard("扣费")["words:billing_fee"] == 1.0


def test_shares_add_up_and_counts_are_of_words():
    """A word that is said twice is one word."""
    features = heard("流量没了，快递也没到，流量")
    assert sum(value for name, value in features.items() if name.startswith("share:")) == pytest.approx(1.0)
    assert features == heard("流量没了，快递也没到")


def test_a_batch_is_its_texts():
    """Each text has its own topics, also where one has none."""
    texts = ["嗯", "流量没了", "", "快递没到"]
    assert TOPICS.heard(texts) == [heard(text) for text in texts]
    assert heard("嗯") == {}

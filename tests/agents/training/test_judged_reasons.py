"""Which reasons of a text count: those that its labels can name, told or not."""

import pytest

from agents.files.models import load_model
from agents.training.judged import judge
from agents.training.labels import Example
from pipeline.rules.load import load_pack
from schemas.vocabulary import Level, Role
from tests.support.models import model_of

PAYMENT = "我要投诉，你们必须赔偿我的损失"  # the words of a leaf that no coarse label holds


def example(*reasons, name="a"):
    """A complaint with these reasons."""
    return Example(name, PAYMENT, Role.CUSTOMER, Level.EXPLICIT, reasons, "ours", "", name)


@pytest.mark.parametrize("model", [model_of({}), load_model("builtin")], ids=["by hand", "builtin"])
@pytest.mark.parametrize(
    ("reasons", "is_told"),
    [
        pytest.param(("compensation",), True, id="labelled by leaves: it counts, and is found"),
        pytest.param(("attitude",), True, id="labelled by leaves: it counts, and is wrong"),
        pytest.param(("service_attitude",), False, id="coarse labels have no name for it"),
    ],
)
def test_a_leaf_counts_where_labels_can_name_it(model, reasons, is_told):
    """Whether the model knows it or only the rules do."""
    judged = judge([example(*reasons)], model, load_pack())
    assert ("compensation" in judged.given_reasons[0]) == is_told
    assert ("compensation" in judged.reasons[0]) == ("compensation" in reasons)

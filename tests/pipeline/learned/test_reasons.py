"""Classes of reasons: as fine as the labels are, and no leaf is lost."""

import pytest

from pipeline.learned.reasons import LABEL_OF_LEAF, LEAVES_OF_LABEL, classes_of
from pipeline.rules.load import load_pack


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        pytest.param(["refund", "attitude"], {"attitude": ("attitude",), "refund": ("refund",)}, id="leaves"),
        pytest.param(
            ["refund_return", "other"],
            {"other": (), "refund_return": LEAVES_OF_LABEL["refund_return"]},
            id="coarse labels",
        ),
        pytest.param(
            ["service_attitude", "refund", "compensation"],
            {
                "compensation": ("compensation",),
                "refund_return": LEAVES_OF_LABEL["refund_return"],
                "service_attitude": ("attitude",),
            },
            id="both, and a leaf that no coarse label holds",
        ),
    ],
)
def test_classes_are_as_fine_as_the_labels(labels, classes):
    """In alphabetical order, so that the same labels give the same model."""
    found = classes_of(labels)
    assert found == classes
    assert list(found) == sorted(found)


def test_no_leaf_has_the_name_of_a_coarse_label():
    """Both stand in one set where it is asked which of them a word told."""
    leaves = {leaf.id for leaf in load_pack().reasons}
    assert leaves >= LABEL_OF_LEAF.keys()
    assert not leaves & LEAVES_OF_LABEL.keys()

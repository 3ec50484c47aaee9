"""The thirteen coarse reasons that labelled data often come with, and the leaves of our tree behind each."""

from collections.abc import Iterable, Mapping

# `domain.md` 4. The first leaf stands for the label where no word of the rules tells which one it is.
LEAVES_OF_LABEL: Mapping[str, tuple[str, ...]] = {
    "response_slow": ("slow_response", "rigid", "unresolved"),
    "service_attitude": ("attitude",),
    "product_quality": ("quality_defect", "safety"),
    "logistics_delivery": ("delivery_service", "late_shipping", "slow_or_stuck", "lost_damaged"),
    "billing_fee": ("overcharge",),
    "contract_commitment": ("broken_promise", "contract_terms"),
    "false_advertising": ("not_as_described", "fake_or_refurb"),
    "after_sales_repair": ("warranty_repair",),
    "refund_return": ("refund", "return_exchange", "freight_fee"),
    "price_promotion": ("price_dispute", "gift_promo"),
    "privacy_security": ("privacy",),
    "system_fault": ("service_fault", "usage_experience"),
    "other": (),
}
LABEL_OF_LEAF = {leaf: label for label, leaves in LEAVES_OF_LABEL.items() for leaf in leaves}


def classes_of(labels: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Classes as fine as the labels are: leaves where all labels are leaves, else the coarse reasons.

    A leaf that no coarse reason holds is a class of its own beside either.
    """
    named = set(labels)
    if any(label in LEAVES_OF_LABEL for label in named):
        named = {LABEL_OF_LEAF.get(label, label) for label in named}
    return {label: LEAVES_OF_LABEL.get(label, (label,)) for label in sorted(named)}

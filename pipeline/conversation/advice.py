"""Advice: which card an agent reads while the customer is still on the line. The rule pack holds the texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.rules.model import RulePack
from pipeline.rules.service import AdviceCard, Bilingual, CustomerType
from schemas.vocabulary import Level, ThreatGroup

# The most urgent first: one card carries one piece of advice. Whoever may come to harm comes before any complaint.
URGENCY = (
    ThreatGroup.SAFETY_SELF_HARM,
    ThreatGroup.SAFETY_VIOLENCE,
    ThreatGroup.SAFETY_INJURY,
    ThreatGroup.REGULATOR,
    ThreatGroup.MEDIA_EXPOSURE,
    ThreatGroup.SOCIAL_PLATFORM,
    ThreatGroup.LEGAL,
    ThreatGroup.GROUP_OFFLINE,
    ThreatGroup.INFLUENCE,
)

_NO_TEXT, _NO_CARD = Bilingual(), AdviceCard()


@dataclass(frozen=True, slots=True)
class Advice:
    """What helps now: the card of the level or threat, and how to treat this type of customer."""

    card: AdviceCard = _NO_CARD
    customer_type: str = ""
    type_name: Bilingual = _NO_TEXT
    handling: Bilingual = _NO_TEXT
    avoid: Bilingual = _NO_TEXT  # what neither the level nor the type allows to be said


@dataclass(frozen=True, slots=True)
class AdviceBook:
    """The cards and customer types of a rule pack."""

    cards: Mapping[str, AdviceCard] = field(default_factory=dict)  # by level or threat group
    types: Mapping[str, CustomerType] = field(default_factory=dict)

    @classmethod
    def of(cls, pack: RulePack) -> "AdviceBook":
        """The book of a pack."""
        return cls(pack.advice, {kind.id: kind for kind in pack.customer_types})

    def advise(self, level: Level, threats: Sequence[ThreatGroup], customer_type: str = "") -> Advice:
        """What helps now: by the most urgent threat where there is one, else by level; and by type of customer."""
        subjects: list[str] = [level]
        if level is Level.HIGH_RISK:
            subjects = [*(group for group in URGENCY if group in threats), level]
        card = next((self.cards[each] for each in subjects if each in self.cards), _NO_CARD)
        kind = self.types.get(customer_type)
        if kind is None:
            return Advice(card, customer_type, avoid=card.avoid)
        avoid = Bilingual(zh=card.avoid.zh + kind.avoid.zh, en=f"{card.avoid.en} {kind.avoid.en}".strip())
        return Advice(card, customer_type, Bilingual(zh=kind.zh, en=kind.en), kind.handling, avoid)

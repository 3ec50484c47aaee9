"""What a rule pack says about service: texts in both languages, advice cards, customer types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.rules.shapes import Each, Record, Shape, Table, Text, Word
from schemas.vocabulary import Level, ThreatGroup


@dataclass(frozen=True, kw_only=True)
class Bilingual:
    """One text in both languages; people read the Chinese one first."""

    zh: str = ""
    en: str = ""


@dataclass(frozen=True, kw_only=True)
class AdviceCard:
    """What helps at a level or against a threat: what to say, what not to say, what to do next."""

    say: Bilingual = Bilingual()
    avoid: Bilingual = Bilingual()
    next_step: Bilingual = Bilingual()


@dataclass(frozen=True, kw_only=True)
class CustomerType:
    """How a customer comes across (`domain.md` 7.3), how to treat them and what never to do."""

    id: str
    zh: str
    en: str
    words: tuple[str, ...]
    handling: Bilingual
    avoid: Bilingual


ADVISED = (
    *(level.value for level in Level if level is not Level.NONE),
    *(group.value for group in ThreatGroup),
)
_BOTH = Record({"zh": Text(), "en": Text()})

SERVICE_SECTIONS: dict[str, Shape] = {
    "advice": Table(Record({"say": _BOTH, "avoid": _BOTH, "next_step": _BOTH}), keys=ADVISED),
    "customer_types": Table(
        Record({"zh": Text(), "en": Text(), "handling": _BOTH, "avoid": _BOTH, "words": Each(Word())})
    ),
}


def advice_cards(section: Mapping[str, Any]) -> dict[str, AdviceCard]:
    """The cards of the section `advice`, by level or threat group."""
    return {
        name: AdviceCard(**{part: Bilingual(**text) for part, text in card.items()}) for name, card in section.items()
    }


def customer_types(section: Mapping[str, Any]) -> tuple[CustomerType, ...]:
    """The customer types of the section of that name."""
    return tuple(
        CustomerType(
            id=name,
            zh=spec["zh"],
            en=spec["en"],
            words=spec["words"],
            handling=Bilingual(**spec["handling"]),
            avoid=Bilingual(**spec["avoid"]),
        )
        for name, spec in section.items()
    )

"""What a rule pack says about service: advice cards, customer types, and what an agent must and must not do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline.rules.shapes import Choice, Each, Number, Record, Shape, Table, Text, Title, Word
from schemas.quality import Point, Severity
from schemas.vocabulary import ChannelClass, Level, ThreatGroup


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


class Anchor(StrEnum):
    """What begins the time in which something is to be done."""

    START = "start"  # the agent's first words; a window of 0 s is the first message itself
    COMPLAINT = "complaint"  # each sign of complaint; without a window, the first one until the end
    END = "end"  # the window is the last seconds of the conversation
    FIRST_QUESTION = "first_question"  # the customer waits, and no agent has spoken yet
    QUESTION = "question"  # the customer waits
    SILENCE = "silence"  # before an agent's words, longer than `over_ms`; the window lies before the silence
    OVERLAP = "overlap"  # an agent's words lie over the customer's for longer than `over_ms`


@dataclass(frozen=True, kw_only=True)
class ServiceCheck:
    """Something that is to be done (or, for an overlap, not to be done) within a time."""

    id: str
    zh: str
    en: str
    severity: Severity
    after: Anchor
    within_ms: int | None = None  # None: until the end
    over_ms: int = 0
    words: tuple[str, ...] = ()  # none: `agent_tags` has them, or anything that an agent says will do
    channels: tuple[ChannelClass, ...] = tuple(ChannelClass)
    point: Point | None = None


@dataclass(frozen=True, kw_only=True)
class ForbiddenGroup:
    """Things an agent must not say; the doubtful ones only right after a sign of complaint."""

    id: str
    zh: str
    severity: Severity
    words: tuple[str, ...]
    doubtful: tuple[str, ...] = ()
    doubtful_within_ms: int = 0


@dataclass(frozen=True, kw_only=True)
class BotRules:
    """When a bot should hand over, besides the level: at the n-th time, by these words."""

    person_after: int = 2
    failing_after: int = 2
    repeated_after: int = 2
    person: tuple[str, ...] = ()
    person_unless: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    asking: tuple[str, ...] = ()


NO_BOT_RULES = BotRules()
ADVISED = (
    *(level.value for level in Level if level is not Level.NONE),
    *(group.value for group in ThreatGroup),
)
_BOTH = Record({"zh": Text(), "en": Text()})

_WORDS = Each(Word())
_SECONDS = Number(0, 86_400)
_TIMES = Number(1, 20)

SERVICE_SECTIONS: dict[str, Shape] = {
    "forbidden": Table(
        Record(
            {"zh": Title(), "severity": Choice(severity.value for severity in Severity), "words": _WORDS},
            {"doubtful": Record({"after_complaint_seconds": Number(1, 600), "words": _WORDS})},
        )
    ),
    "bots": Record(
        {"person": _WORDS, "failing": _WORDS, "asking": Each(Text())},
        {"person_after": _TIMES, "failing_after": _TIMES, "repeated_after": _TIMES, "person_unless": _WORDS},
    ),
    "service_checks": Table(
        Record(
            {
                "zh": Title(),
                "en": Title(),
                "severity": Choice(severity.value for severity in Severity),
                "after": Choice(anchor.value for anchor in Anchor),
            },
            {
                "within_seconds": _SECONDS,
                "over_ms": Number(1, 600_000),
                "words": _WORDS,
                "channels": Each(Choice(channel.value for channel in ChannelClass)),
                "point": Choice(point.value for point in Point),
            },
        )
    ),
    "advice": Table(Record({"say": _BOTH, "avoid": _BOTH, "next_step": _BOTH}), keys=ADVISED),
    "customer_types": Table(Record({"zh": Title(), "en": Title(), "handling": _BOTH, "avoid": _BOTH, "words": _WORDS})),
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


def forbidden_groups(section: Mapping[str, Any]) -> tuple[ForbiddenGroup, ...]:
    """The groups of the section `forbidden`."""
    return tuple(
        ForbiddenGroup(
            id=name,
            zh=spec["zh"],
            severity=Severity(spec["severity"]),
            words=spec["words"],
            doubtful=spec["doubtful"]["words"] if spec.get("doubtful") else (),
            doubtful_within_ms=spec["doubtful"]["after_complaint_seconds"] * 1000 if spec.get("doubtful") else 0,
        )
        for name, spec in section.items()
    )


def service_checks(section: Mapping[str, Any]) -> tuple[ServiceCheck, ...]:
    """The checks of the section of that name."""
    return tuple(
        ServiceCheck(
            id=name,
            zh=spec["zh"],
            en=spec["en"],
            severity=Severity(spec["severity"]),
            after=Anchor(spec["after"]),
            within_ms=None if spec.get("within_seconds") is None else spec["within_seconds"] * 1000,
            over_ms=spec.get("over_ms") or 0,
            words=spec.get("words") or (),
            channels=tuple(map(ChannelClass, spec.get("channels") or ChannelClass)),
            point=Point(spec["point"]) if spec.get("point") else None,
        )
        for name, spec in section.items()
    )


_NEEDS_WINDOW = {Anchor.START, Anchor.END, Anchor.FIRST_QUESTION, Anchor.QUESTION, Anchor.SILENCE}
_NEEDS_WORDS = {Anchor.START, Anchor.END, Anchor.COMPLAINT, Anchor.SILENCE}
_NEEDS_LENGTH = {Anchor.SILENCE, Anchor.OVERLAP}


def service_problems(section: Mapping[str, Any], agent_tags: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Path and what to write, for each check that lacks what its anchor needs."""
    found = []
    for name, spec in section.items():
        after, path = Anchor(spec["after"]), f"service_checks.{name}"
        if after in _NEEDS_WINDOW and spec.get("within_seconds") is None:
            found.append((path, f"has no window; write within_seconds: …, which `after: {after}` needs"))
        if after in _NEEDS_WORDS and not spec.get("words") and name not in agent_tags:
            found.append((path, f"has no words; write words: […], or a list {name} under agent_tags"))
        if after in _NEEDS_LENGTH and not spec.get("over_ms"):
            found.append((path, f"has no length; write over_ms: …, which `after: {after}` needs"))
    return found

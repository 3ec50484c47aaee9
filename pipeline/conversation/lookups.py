"""What a decision looks up and does not decide: places, the reason tree, how bad a phrase is, the rules' version."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.conversation.advice import AdviceBook
from pipeline.places.resolve import NO_TABLES, PlaceTables
from schemas.evidence import Reason


@dataclass(frozen=True, slots=True, eq=False)
class Lookups:
    """Tables that stay the same for a whole batch."""

    tables: PlaceTables = NO_TABLES
    reasons: Mapping[str, Reason] = field(default_factory=dict)  # leaf id -> reason as it goes on the wire
    severities: Mapping[str, str] = field(default_factory=dict)  # forbidden group -> major, critical
    advice: AdviceBook = field(default_factory=AdviceBook)
    rules_version: str = ""

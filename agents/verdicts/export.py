"""Labels as lines that `tocsin model train` reads: texts of which one person said whether the alert was right."""

from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.verdicts.ledger import RIGHT
from schemas.labels import VerdictLabel
from schemas.vocabulary import Level


def training_lines(labels: Iterable[VerdictLabel]) -> Iterator[dict[str, Any]]:
    """A line for each label that says something about one text; the others are about whole conversations."""
    for label in labels:
        if not label.text or not label.utterance_id:
            continue
        is_right = label.verdict in RIGHT
        yield {
            "id": f"{label.conversation_id}#{label.utterance_id}",
            "text": label.text,
            "level": label.level.value if is_right else Level.NONE.value,
            "reasons": [reason.l2 for reason in label.reasons if reason.l2] if is_right else [],
            "source": "verdicts",
            "channel": label.channel.value if label.channel else "",
            "group": label.conversation_id,
        }

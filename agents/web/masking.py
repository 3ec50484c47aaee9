"""Quotes on the topics are masked; they are masked once more before they are shown.

Whoever else writes to a topic may not have done it.
"""

from msgspec.structs import replace

from pipeline.text.redact import redact
from schemas.evidence import Evidence


def masked_again(evidence: Evidence) -> Evidence:
    """The quote masked, its mark still on the same words."""
    masked = redact(evidence.text_masked)
    start, end = masked.masked(evidence.mark_start, evidence.mark_end)
    return replace(evidence, text_masked=masked.text, mark_start=start, mark_end=end)

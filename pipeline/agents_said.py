"""Read one agent, bot or system text: it never makes a level, but it may say what an agent must not, or apologise."""

from pipeline.hits import real
from pipeline.reading import RawSign, Reading
from pipeline.rules.snapshot import Kind, Snapshot
from pipeline.text.scan import Hit
from schemas.vocabulary import Level

FORBIDDEN = "forbidden"
DOUBTFUL = "doubtful"  # what counts only in some situations: the conversation decides


def read_agent(text: str, hits: list[Hit], rules: Snapshot) -> Reading:
    """One agent text: a sign of no level for each forbidden phrase, and what the pack lists under `agent_tags`."""
    reading = Reading()
    for phrase, start, end in real(text, hits, rules, [], reading.dropped):
        word = rules.phrases[phrase]
        for use in rules.uses[phrase]:
            if use.kind is Kind.FORBIDDEN:
                reading.tag(FORBIDDEN)
                reading.tag(f"agent_{FORBIDDEN}:{use.rule}")
                reading.signs.append(RawSign(f"{FORBIDDEN}.{use.rule}:{word}", Level.NONE, 0, start, end, word))
            elif use.kind is Kind.DOUBTFUL_SAID:
                reading.tag(f"agent_{DOUBTFUL}:{use.rule}")
                reading.signs.append(RawSign(f"{DOUBTFUL}.{use.rule}:{word}", Level.NONE, 0, start, end, word))
            elif use.kind is Kind.AGENT_TAG:
                reading.tag(use.rule)
    return reading

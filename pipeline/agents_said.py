"""Read one agent, bot or system text: it never makes a level, but it may say what an agent must not, or apologise."""

from pipeline.hits import real
from pipeline.reading import Reading
from pipeline.rules.snapshot import Kind, Snapshot
from pipeline.text.scan import Hit


def read_agent(text: str, hits: list[Hit], rules: Snapshot) -> Reading:
    """The tags of one agent text: `agent_forbidden:<group>` and what the pack lists under `agent_tags`."""
    reading = Reading()
    for phrase, _, _ in real(text, hits, rules, [], reading.dropped):
        for use in rules.uses[phrase]:
            if use.kind in (Kind.FORBIDDEN, Kind.AGENT_TAG):
                reading.tag(use.rule)
    return reading

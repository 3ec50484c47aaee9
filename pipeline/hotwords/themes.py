"""Themes: hot terms that the same customers say, put together greedily and named after the hottest."""

from collections.abc import Sequence

from pipeline.hotwords.look import Seen
from pipeline.hotwords.sketch import likeness

ALIKE = 0.5  # share of the customers of either term who said both


def themes_of(hot: Sequence[Seen]) -> list[list[Seen]]:
    """Groups of terms, the hottest first; a term that stands alone is a group of one."""
    groups: list[list[Seen]] = []
    for seen in hot:
        for group in groups:
            if likeness(group[0].tally, seen.tally) >= ALIKE:
                group.append(seen)
                break
        else:
            groups.append([seen])
    return groups

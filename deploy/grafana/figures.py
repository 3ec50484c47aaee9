"""Figures of the house as panels: what their cases add up to, by the cases, over a day; the cases stand beside it."""

from collections.abc import Sequence
from typing import NamedTuple

from panels import ORANGE, RED, Panel, stat, timeseries
from queries import Query, grown, share

DAY = "1d"
Steps = Sequence[tuple[float | None, str]]

PLAIN: Steps = ((None, "green"),)
HIGH_IS_GOOD: Steps = ((None, RED), (0.7, ORANGE), (0.8, "green"))
HIGH_IS_BAD: Steps = ((None, "green"), (0.03, ORANGE), (0.06, RED))


class Figure(NamedTuple):
    """One figure: how it is called, what it says, its unit and what is good."""

    name: str
    title: str
    description: str
    unit: str
    steps: Steps = PLAIN


def mean_of(figure: str, *by: str) -> str:
    """A figure over the last day: what its cases add up to, by the cases; nothing where there was none."""
    return share(grown(_sum(figure), *by, window=DAY), grown(_cases_of(figure), *by, window=DAY))


def newest(figure: Figure) -> Panel:
    """The figure as one number."""
    return stat(
        figure.title,
        f"{figure.description} 近一天。Over the last day.",
        Query(mean_of(figure.name), figure.name),
        unit=figure.unit,
        size=(4, 4),
        decimals=2,
        steps=figure.steps,
    )


def curves(title: str, figures: Sequence[Figure], unit: str) -> Panel:
    """Several figures of one unit, over time."""
    queries = [Query(mean_of(each.name), each.title) for each in figures]
    return timeseries(title, "每点滑动一天。Over a sliding day.", queries, unit=unit, size=(14, 7))


def cases(title: str, figures: Sequence[str]) -> Panel:
    """Of how many the figures speak."""
    queries = [Query(grown(_cases_of(each), window=DAY), each) for each in figures]
    text = "样本少则慎读。Few cases, little certainty; over a sliding day."
    return timeseries(title, text, queries, unit="short", size=(10, 7), decimals=0)


def _sum(figure: str) -> str:
    return f'tocsin_figure_sum_total{{figure="{figure}", region=~"$region"}}'


def _cases_of(figure: str) -> str:
    return f'tocsin_figure_cases_total{{figure="{figure}", region=~"$region"}}'

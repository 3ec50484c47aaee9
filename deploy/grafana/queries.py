"""Questions to Prometheus as plain text: how a counter grows, what a histogram's observations stay below."""

from typing import NamedTuple


class Query(NamedTuple):
    """One PromQL expression and how its series are called."""

    expr: str
    legend: str = ""
    instant: bool = False
    format: str = "time_series"


def quantile(share: float, metric: str, *by: str, window: str = "$__rate_interval") -> str:
    """The value that `share` of a histogram's observations stay below."""
    labels = ", ".join(("le", *by))
    return f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket[{window}])))"


def per_minute(counter: str, *by: str) -> str:
    """How often a minute, as a line over time."""
    return f"60 * sum by ({', '.join(by)}) (rate({counter}[$__rate_interval]))"


def grown(counter: str, *by: str, window: str = "1h") -> str:
    """How often in the window: for what is too rare for a rate a minute."""
    labels = f" by ({', '.join(by)}) " if by else ""
    return f"sum{labels}(increase({counter}[{window}]))"


def share(part: str, whole: str) -> str:
    """`part` of `whole`, and nothing where the whole is nothing: no division by zero is drawn."""
    return f"{part} / ({whole} > 0)"

"""The page on the pipeline's health: what comes in by webhooks, what goes through, in which state, and what runs."""

from typing import Any

import intake
import machinery
from pages import page

NAME = "pipeline"


def dashboard() -> dict[str, Any]:
    """The whole page."""
    return page(
        NAME,
        "Tocsin 管道健康 · Pipeline health",
        "吞吐、事务、状态、分区、恢复与版本。Throughput, transactions, state, partitions, recovery, versions.",
        [*machinery.panels(), *intake.panels()],
        variables=(),
        since="now-3h",
    )

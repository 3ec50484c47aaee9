"""How a process that serves until it is told to stop comes to its end: SIGTERM cancels its main task."""

import asyncio
import signal


def end_on_sigterm() -> None:
    """From now on SIGTERM cancels the task that calls this; what it opened is closed on the way out."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)

"""How a command begins that runs until it is told to end: settings first, then logs as they say."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.settings import Settings


def started() -> "Settings":
    """The settings, with logs configured by them; raises where they are wrong, before anything heavy is imported."""
    from agents.settings import load_settings

    settings = load_settings()
    from agents.logs import configure_logs

    configure_logs(settings.log)
    return settings

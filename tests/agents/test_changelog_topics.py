"""The changelogs that are created are those of the stages that run."""

from agents.product import build_product
from agents.settings import Settings
from agents.topics import CHANGELOGS


def test_every_stage_has_its_changelog() -> None:
    """Names and clean-up are the stages' own."""
    wanted = [(stage.changelog.name, stage.changelog.config) for stage in build_product(Settings()).stages]
    assert [(topic.name, topic.config) for topic in CHANGELOGS] == wanted

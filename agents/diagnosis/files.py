"""What the operator wrote or chose beside rules and policies: whether a worker could load it when it starts."""

from collections.abc import Iterator

from agents.diagnosis.finding import Finding, bad, good
from agents.files.models import load_model
from agents.files.oncall import load_oncall
from agents.files.places import load_places
from agents.settings import Settings, SettingsError, load_settings
from pipeline.errors import TocsinError


def check_files() -> Iterator[Finding]:
    """The model, the regions and the on-call file load; a worker needs all three, on-call plan included."""
    try:
        settings = load_settings()
    except SettingsError:  # told by another check
        return
    yield _model(settings)
    yield _regions(settings)
    yield _oncall(settings)


def _model(settings: Settings) -> Finding:
    try:
        model = load_model(settings.model)
    except (TocsinError, OSError) as error:
        return bad("model", str(error), "set TOCSIN_MODEL to builtin, or to a file made by tocsin model train")
    return good("model", "off" if model is None else f"version {model.version} from {settings.model}")


def _regions(settings: Settings) -> Finding:
    try:
        load_places(settings.regions_file)
    except TocsinError as error:
        return bad("regions", str(error), f"correct {settings.regions_file}, or unset TOCSIN_REGIONS_FILE")
    return good("regions", str(settings.regions_file or "no file: queues and sites name no region"))


def _oncall(settings: Settings) -> Finding:
    try:
        load_oncall(settings.oncall_file)
    except TocsinError as error:
        return bad("on call", str(error), "tocsin oncall check shows every problem")
    return good("on call", str(settings.oncall_file or "the shipped file: cards go to the console"))

"""The operator's own knowledge of places: which queue and which mobile prefix belongs to which region.

Read from one YAML file named by `TOCSIN_REGIONS_FILE`:

    queues: {华南一线: 广东, "7001": "440100"}
    mobile_prefixes: {"1380013": "110000"}
"""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import TocsinError
from pipeline.places.provinces import read_place
from pipeline.places.resolve import NO_TABLES, PlaceTables


class PlacesError(TocsinError):
    """The file of places is wrong; lists everything that is."""


def _a_region(value: str) -> str:
    if read_place(value) is None:
        message = "expected a province or city: a code such as 440000, or a name such as 广东"
        raise ValueError(message)
    return value


Region = Annotated[str, AfterValidator(_a_region)]
Prefix = Annotated[str, Field(pattern=r"^\d{7}$")]


class PlacesFile(BaseModel):
    """The file's shape."""

    model_config = ConfigDict(extra="forbid", strict=True)

    queues: dict[str, Region] = {}
    mobile_prefixes: dict[Prefix, Region] = {}


def load_places(path: Path | None) -> PlaceTables:
    """The tables of a file; empty ones where none is named."""
    if path is None:
        return NO_TABLES
    try:
        content: Any = yaml.safe_load(path.read_bytes())
        file = PlacesFile.model_validate({} if content is None else content)
    except (OSError, yaml.YAMLError) as error:
        raise PlacesError(f"{path.name}: {error}") from error
    except RecursionError as error:
        raise PlacesError(f"{path.name}: nested too deep") from error
    except ValidationError as error:
        problems = (f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors())
        raise PlacesError("\n".join(f"{path.name}: {problem}" for problem in problems)) from error
    except ValueError as error:  # YAML reads 2026-13-45 as a date, and there is no such day
        raise PlacesError(f"{path.name}: {error}; write what looks like a date or a number in quotes") from error
    return PlaceTables(queues=file.queues, mobile_prefixes=file.mobile_prefixes)

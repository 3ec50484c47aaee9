"""By what `tocsin tag` and `tocsin explain` judge: the same options, so that one explains what the other says."""

from pathlib import Path
from typing import Annotated

import typer

from agents.cli.folder import pack_in
from agents.files.models import load_model
from pipeline.tagging import Tagger
from schemas.vocabulary import Level

RulesFolder = Annotated[Path, typer.Option(help="Folder of the rule pack.")]
ModelName = Annotated[str, typer.Option(metavar="PATH|builtin|off", help="The learned scorer beside the rules.")]
InquiryLevel = Annotated[
    str, typer.Option(metavar="none|potential", help="What a bare enquiry for the complaint line counts as.")
]


def tagger_of(rules: Path, model: str, inquiry_level: str) -> Tagger:
    """A rule pack at work; raises typer.BadParameter, or what the two files are refused with."""
    if inquiry_level not in (Level.NONE, Level.POTENTIAL):
        raise typer.BadParameter("write none or potential", param_hint="--inquiry-level")
    return Tagger(pack_in(rules), inquiry_level=Level(inquiry_level), model=load_model(model))

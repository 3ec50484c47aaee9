"""The product: its stages put together from the settings: rules, tables, and what a bare enquiry counts as."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from agents.files.models import load_model
from agents.files.oncall import load_oncall
from agents.files.places import load_places
from agents.files.sla import load_sla
from agents.settings import Settings
from agents.stages.conversations import conversations_stage
from agents.stages.customers import CUSTOMERS
from agents.stages.feedback import feedback_stage
from agents.stages.hotwords import WORDS
from agents.stages.incidents import incidents_stage
from agents.stages.kpis import kpis_stage
from agents.stages.measures import MEASURES
from agents.stages.promises import promises_stage
from agents.stages.regions import REGIONS
from agents.stages.reviews import REVIEWS
from agents.stages.tickets import LINKING, desks_stage, tickets_stage
from pipeline.conversation.lookups import Lookups, lookups_of_pack
from pipeline.conversation.ruled import Ruleset
from pipeline.learned.model import Model
from pipeline.quality.checks import ServiceBook
from pipeline.quality.sample import Sample
from pipeline.rulebook import Rulebook
from pipeline.rules.load import DEFAULT_PACK, load_pack
from pipeline.rules.model import RulePack
from pipeline.stage import Stage
from pipeline.tagging import Tagger
from schemas import codec
from schemas.quality import Severity
from schemas.vocabulary import Level


class Product(NamedTuple):
    """Every stage that a worker runs, and the versions of the rules and of the model that they go by."""

    stages: tuple[Stage[Any], ...]
    rules_version: str
    model_version: str  # empty without a model
    has_reader: bool  # beside the model: texts take milliseconds
    calendars_known_until: Mapping[str, date]  # of the working calendars that have holidays
    severities: Mapping[str, Severity]  # of the findings on service, by check


def build_product(settings: Settings) -> Product:
    """Load what the settings name and build the stages; raises a TocsinError that lists what is wrong."""
    tagger = build_tagger(settings.rules_dir, settings.inquiry_level, settings.model)
    pack = tagger.pack
    model = tagger.scorer.model if tagger.scorer else None
    lookups = lookups_of(pack, settings, model_version=tagger.model_version)
    rulebook = Rulebook(Ruleset(tagger, lookups), pack.version, partial(ruleset_of, settings=settings, model=model))
    sla = load_sla(settings.sla)
    tickets = tickets_stage(sla, load_places(settings.regions_file))
    incidents = incidents_stage(load_oncall(settings.oncall_file).plan, advice=lookups.advice)
    stages: tuple[Stage[Any], ...] = (
        conversations_stage(rulebook),
        CUSTOMERS,
        REGIONS,
        WORDS,
        tickets,
        LINKING,
        desks_stage(sla.house.staffing),
        promises_stage(sla.promises),
        REVIEWS,
        feedback_stage(rulebook),
        MEASURES,
        kpis_stage(settings.trade_complaint_rate),
        incidents,
    )
    if settings.replay_mode:
        decode = partial(codec.decode_batch, lift_past_limit=True)
        stages = tuple(replace(stage, decode=decode) for stage in stages)
    return Product(
        stages,
        rules_version=pack.version,
        model_version=tagger.model_version,
        has_reader=model is not None and model.reader is not None,
        calendars_known_until=sla.known_until,
        severities=lookups.severities,
    )


def build_tagger(rules_dir: Path | None, inquiry_level: Level, model: str) -> Tagger:
    """What reads the texts: a rule pack, None being the shipped one, and the model of a setting beside it."""
    return Tagger(load_pack(rules_dir or DEFAULT_PACK), inquiry_level=inquiry_level, model=load_model(model))


def ruleset_of(pack: RulePack, *, settings: Settings, model: Model | None) -> Ruleset:
    """A pack that came through the log, at work beside the model that the worker has."""
    tagger = Tagger(pack, inquiry_level=settings.inquiry_level, model=model)
    return Ruleset(tagger, lookups_of(pack, settings, model_version=tagger.model_version))


def lookups_of(pack: RulePack, settings: Settings, *, model_version: str) -> Lookups:
    """The tables that decisions look things up in."""
    service = ServiceBook.of(pack, _sample(settings), judges_silence=not settings.replay_mode)
    tables = load_places(settings.regions_file)
    return replace(lookups_of_pack(pack, service), tables=tables, model_version=model_version)


def _sample(settings: Settings) -> Sample:
    return Sample(settings.quality.sample_share, settings.quality.sample_salt)

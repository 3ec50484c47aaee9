"""From the bytes of one body to records: the one door that all sources go through."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from pipeline.intake import chatwoot, mapping, zendesk
from pipeline.intake.body import read_body
from pipeline.intake.description import AnySource, Chatwoot, Zendesk
from pipeline.intake.drafts import Arrival, Draft, Mapped, finish, tell_apart
from pipeline.intake.people import CustomerKeys
from schemas import topics
from schemas.deadletters import DeadLetter
from schemas.refusal import Fault, unplaced_letter

Drafts = Callable[[Mapping[str, Any], int], list[Draft | Fault]]


class Translation(NamedTuple):
    """What one body holds. Neither events nor faults: nothing in it is for us."""

    records: Sequence[Mapped]
    faults: Sequence[Fault]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Translator:
    """How the bodies of one source are read."""

    source: AnySource
    keys: CustomerKeys
    drafts: Drafts
    depth_max: int = 32
    lift_past_limit: bool = False

    def translate(self, data: bytes, *, received_ms: int) -> Translation:
        """Read one body. A part of it that is wrong does not stop the others."""
        digest = sha256(data).hexdigest()
        body = read_body(data, depth_max=self.depth_max)
        if isinstance(body, Fault):
            return Translation((), (body,), digest)
        arrival = Arrival(
            source=self.source.name,
            digest=digest,
            received_ms=received_ms,
            keys=self.keys,
            namespace=self.source.namespace,
            tenant=self.source.tenant,
            lift_past_limit=self.lift_past_limit,
        )
        drafts = self.drafts(body, received_ms)
        tell_apart(drafts)
        found = [
            each if isinstance(each, Fault) else finish(each, arrival, position=position)
            for position, each in enumerate(drafts)
        ]
        records = tuple(each for each in found if isinstance(each, Mapped))
        return Translation(records, tuple(each for each in found if isinstance(each, Fault)), digest)

    def letter(self, data: bytes, translation: Translation, *, received_ms: int, worker_version: str) -> DeadLetter:
        """The dead letter of a body of which something could not be used."""
        return unplaced_letter(
            f"intake:{self.source.name}",
            data,
            translation.faults,
            digest=translation.digest[:32],
            at=received_ms,
            worker_version=worker_version,
        )


def translator_of(
    source: AnySource, keys: CustomerKeys, *, depth_max: int = 32, lift_past_limit: bool = False
) -> Translator:
    """The translator of a source whose description was checked."""
    return Translator(
        source=source, keys=keys, drafts=_drafts(source), depth_max=depth_max, lift_past_limit=lift_past_limit
    )


def topics_of(source: AnySource) -> frozenset[str]:
    """The topics that a source may write to."""
    if isinstance(source, Zendesk | Chatwoot):
        return frozenset({topics.TICKETS.name, topics.MESSAGES.name})
    return frozenset(record.topic for record in source.records)


def _drafts(source: AnySource) -> Drafts:
    if isinstance(source, Zendesk):
        return lambda body, _: zendesk.drafts(body, id_prefix=source.id_prefix)
    if isinstance(source, Chatwoot):
        return lambda body, _: chatwoot.drafts(body, id_prefix=source.id_prefix, has_tickets=source.tickets)
    records = mapping.compile_records(source.records, zone=source.zone)
    return lambda body, received_ms: mapping.drafts(body, records, received_ms=received_ms)

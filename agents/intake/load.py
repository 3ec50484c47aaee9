"""The intake file, read from disk with the secrets that it points to; every problem at once, each with its line."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import TocsinError
from pipeline.intake.description import AnySource, Intake, SecretRef, scheme_of
from pipeline.intake.fitting import Where
from pipeline.intake.people import CustomerKeys
from pipeline.intake.rate import Rate
from pipeline.intake.signature import Scheme
from pipeline.intake.translate import Translator, topics_of, translator_of
from pipeline.intake.written import IntakeError, problem_at, read_intake
from pipeline.rules.problems import Problem
from schemas import topics

SECRET_BYTES_MIN = 16  # a shorter one is guessed
_SECRET_BYTES_MAX = 4_096


class NoIntakeFileError(TocsinError):
    """No file says which sources there are."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One source, ready: who may pass and how what they bring is read."""

    source: AnySource
    scheme: Scheme
    translator: Translator
    rate: Rate
    secrets: tuple[bytes, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """The source's name: label, log field, part of every event id."""
        return self.source.name


@dataclass(frozen=True, slots=True)
class Loaded:
    """All sources by their path, and the limits that hold for each."""

    limits: Intake
    gates: Mapping[str, Gate]

    @property
    def topics(self) -> frozenset[str]:
        """Every topic that may be written to, dead letters included; without prefix."""
        written = (topics_of(gate.source) for gate in self.gates.values())
        return frozenset({topics.DEADLETTERS.name}.union(*written))


def load_intake(path: Path | None, *, lift_past_limit: bool = False) -> Loaded:
    """Read file and secrets; raises IntakeError with everything that is wrong."""
    if path is None:
        raise NoIntakeFileError("no intake file is named; set TOCSIN_INTAKE__FILE (docs/intake.md shows one)")
    data = path.read_bytes()
    intake = read_intake(path.name, data)
    vault = _Vault(path, data)
    company = vault.open(intake.customer_secret, ("customer_secret",))
    secrets = {
        source.name: tuple(
            vault.open(ref, ("sources", index, "secrets", number)) for number, ref in enumerate(source.secrets)
        )
        for index, source in enumerate(intake.sources)
    }
    if vault.problems:
        raise IntakeError(vault.problems)
    keys = CustomerKeys(company)
    gates = {
        source.path: Gate(
            source,
            scheme_of(source),
            translator_of(source, keys, depth_max=intake.depth_max, lift_past_limit=lift_past_limit),
            Rate(source.requests_per_second, source.burst),
            secrets[source.name],
        )
        for source in intake.sources
    }
    return Loaded(intake, gates)


class _Vault:
    """Opens secrets and collects what keeps it from doing so; names places, never contents."""

    def __init__(self, path: Path, data: bytes) -> None:
        self._path = path
        self._data = data
        self.problems: list[Problem] = []

    def open(self, ref: SecretRef, where: Where) -> bytes:
        where = (*where, "env" if ref.env else "file")
        if ref.env:
            secret = os.environ.get(ref.env, "").strip().encode()
            if not secret:
                return self._missing(where, f"the environment has no {ref.env}")
        else:
            file = self._path.parent / ref.file  # an absolute path stays one
            try:
                with file.open("rb") as opened:
                    secret = opened.read(_SECRET_BYTES_MAX).strip()
            except OSError as error:
                return self._missing(where, f"{ref.file} cannot be read: {error.strerror}")
        if len(secret) < SECRET_BYTES_MIN:
            return self._missing(where, f"the secret is too short; expected at least {SECRET_BYTES_MIN} characters")
        return secret

    def _missing(self, where: Where, what: str) -> bytes:
        self.problems.append(problem_at(self._path.name, self._data, where, what))
        return b""

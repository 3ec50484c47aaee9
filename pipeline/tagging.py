"""Tag texts: a whole batch is folded and scanned at once; only a text with a hit is read."""

from collections.abc import Sequence

from pipeline.agents_said import read_agent
from pipeline.customers import read_customer
from pipeline.findings import Finding
from pipeline.hits import mentions, real
from pipeline.learned.model import Model
from pipeline.learned.scorer import Scorer
from pipeline.reading import Reading
from pipeline.rules.model import RulePack
from pipeline.rules.snapshot import Snapshot
from pipeline.signs import finding_of
from pipeline.text.normalize import Folded, FoldedBatch, normalize
from pipeline.watches.marking import Marker
from schemas.vocabulary import Level, Role


class Tagger:
    """A rule pack at work, and a model beside it. `inquiry_level` is what a bare enquiry for the complaint line is."""

    def __init__(self, pack: RulePack, *, inquiry_level: Level = Level.POTENTIAL, model: Model | None = None) -> None:
        self.rules = Snapshot(pack)
        self.scorer = None if model is None else Scorer(model, self.rules)
        self.inquiry_level = inquiry_level
        self._marker = Marker(pack.rules, self.rules.phrases) if pack.rules else None
        self._alike: dict[int, Finding] = {}

    @property
    def pack(self) -> RulePack:
        """The rule pack that is applied."""
        return self.rules.pack

    @property
    def model_version(self) -> str:
        """The version of the model beside the rules; empty without one."""
        return "" if self.scorer is None else self.scorer.model.version

    def tag(self, texts: Sequence[str], roles: Sequence[Role]) -> list[Finding | None]:
        """What each text shows; None where it shows nothing."""
        return self.tag_folded(FoldedBatch(texts), roles)

    def tag_folded(self, batch: FoldedBatch, roles: Sequence[Role]) -> list[Finding | None]:
        """The same for texts that were folded before."""
        findings: list[Finding | None] = [None] * len(roles)
        if not findings:
            return findings
        rules = self.rules
        told: dict[int, list[str]] = {}  # for the model: the reasons of which a word was said
        weights = [rules.starts_customer if role is Role.CUSTOMER else rules.starts_agent for role in roles]
        for index, hits in rules.scanner.scan_heavy(batch.texts, weights, enough=rules.enough):
            role = roles[index]
            if role is not Role.CUSTOMER and (tags := rules.agent_tags_alone(hits)) is not None:
                findings[index] = self._tags_only(tags)
                continue
            if role is Role.CUSTOMER and self.scorer is not None:
                told[index] = rules.leaves_among(hits)
            folded = batch[index]
            reading = self._read(folded, hits, role)
            findings[index] = finding_of(reading, folded, self.pack)
        if self.scorer is not None:
            self.scorer.refine(batch, roles, findings, told)
        return findings

    def _tags_only(self, bits: int) -> Finding:
        """A finding that holds nothing but tags of an agent's text; most of those are alike."""
        known = self._alike.get(bits)
        if known is None:
            known = self._alike[bits] = Finding(level=Level.NONE, score=0, tags=self.rules.agent_tags_of(bits))
        return known

    def read(self, text: str, role: Role) -> tuple[Folded, Reading]:
        """One text with everything that was seen on the way, for an explanation."""
        (folded,) = normalize([text])
        hits = [hit for _, found in self.rules.scanner.scan([folded.text]) for hit in found]
        return folded, self._read(folded, hits, role)

    def _read(self, folded: Folded, hits: list[tuple[int, int, int]], role: Role) -> Reading:
        if role is Role.CUSTOMER:
            reading = read_customer(folded.text, hits, self.rules, inquiry_level=self.inquiry_level)
        else:
            reading = read_agent(folded.text, hits, self.rules)
        if self._marker is not None:
            self._marker.mark(
                folded.text,
                hits,
                role,
                reading,
                real=lambda: real(folded.text, hits, self.rules, mentions(folded.text), []),
            )
        return reading

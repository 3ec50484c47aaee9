"""The door for webhooks: limits first, then the signature, then the body, then Kafka; and only then `accepted`.

Before the signature is known to be good, a request takes from the rate of its own address alone: a stranger uses up
nothing that a source has. Nor do slow bodies of strangers: see `bodies`.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_network

import structlog
from aiohttp import web

from agents.intake.answers import Outcome, RefusedError, answer
from agents.intake.bodies import Bodies
from agents.intake.load import Gate, Loaded
from agents.intake.metrics import IntakeMetrics
from agents.listening.publisher import Outgoing, Publisher
from agents.ops.build import build
from agents.web.shield import Rate as KnockRate
from agents.web.shield import client_of
from pipeline.intake.rate import Bucket
from pipeline.intake.signature import Verdict, check
from pipeline.intake.translate import Translation
from schemas import codec, topics

log = structlog.get_logger("tocsin.intake")

TOLD_EVERY_SECONDS = 10.0  # of refused signatures: who knocks often must not fill the log
_REFUSED = {
    Verdict.NO_SIGNATURE: Outcome.NO_SIGNATURE,
    Verdict.NO_TIMESTAMP: Outcome.NO_TIMESTAMP,
    Verdict.STALE: Outcome.STALE,
    Verdict.WRONG: Outcome.WRONG,
}


class Intake:
    """Receives requests for all sources. Clocks are passed in so that tests can move them."""

    def __init__(
        self,
        loaded: Loaded,
        publisher: Publisher,
        metrics: IntakeMetrics,
        *,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        monotonic: Callable[[], float] = time.monotonic,
        proxy_addresses: Sequence[str] = (),
    ) -> None:
        self._limits = loaded.limits
        self._gates = loaded.gates
        self._publisher = publisher
        self._metrics = metrics
        self._now_ms = now_ms
        self._monotonic = monotonic
        self._bodies = Bodies(
            most=self._limits.in_flight_max,
            bytes_max=self._limits.body_bytes_max,
            within_seconds=self._limits.read_within_seconds,
        )
        self._begun = 0  # requests without an answer
        self._in_flight = 0  # genuine ones on their way to Kafka
        self._idle = asyncio.Event()
        self._idle.set()
        self._buckets: dict[str, Bucket] = {}
        self._proxies = [ip_network(each) for each in proxy_addresses]
        # One address may knock at a source as often as the source may send.
        self._knocks = {
            gate.name: KnockRate(burst=gate.rate.burst, per_second=gate.rate.per_second, clock=monotonic)
            for gate in loaded.gates.values()
        }
        self._told_at: dict[str, float] = {}
        metrics.begin(loaded.gates.values())

    def application(self) -> web.Application:
        """One route for each source; everything else is not found."""
        app = web.Application()
        for path, gate in self._gates.items():
            app.router.add_post(path, self._handler(gate))
        app.on_response_prepare.append(_hide_server)
        return app

    async def drained(self) -> None:
        """Until every request that has begun has its answer."""
        await self._idle.wait()

    def _handler(self, gate: Gate) -> Callable[[web.Request], "asyncio.Future[web.Response]"]:
        async def receive(request: web.Request) -> web.Response:
            started_at = self._monotonic()
            try:
                response, outcome = await self._receive(gate, request)
            except RefusedError as refused:
                outcome = refused.outcome
                response = answer(outcome, retry_after_seconds=refused.retry_after_seconds)
            self._metrics.requests.labels(gate.name, outcome).inc()
            self._metrics.seconds.labels(gate.name).observe(self._monotonic() - started_at)
            return response

        return receive  # type: ignore[return-value]  # a coroutine is what aiohttp awaits

    async def _receive(self, gate: Gate, request: web.Request) -> tuple[web.Response, Outcome]:
        self._may_knock(gate, request)
        self._fits(request)
        with self._waited_for():
            body = await self._bodies.read(request.content)
            self._is_genuine(gate, request, body)
            self._within_rate(gate)
            with self._on_its_way():
                return await self._take(gate, body)

    @contextmanager
    def _waited_for(self) -> Iterator[None]:
        """A request that is to have its answer before the intake ends."""
        self._begun += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._begun -= 1
            if not self._begun:
                self._idle.set()

    @contextmanager
    def _on_its_way(self) -> Iterator[None]:
        """A request that takes one of the places until Kafka has it."""
        if self._in_flight >= self._limits.in_flight_max:
            raise RefusedError(Outcome.BUSY)
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1

    def _may_knock(self, gate: Gate, request: web.Request) -> None:
        if not self._knocks[gate.name].takes(client_of(request, self._proxies)):
            raise RefusedError(Outcome.RATE_LIMITED, retry_after_seconds=1)

    def _within_rate(self, gate: Gate) -> None:
        now = self._monotonic()
        bucket = self._buckets.get(gate.name) or gate.rate.full(now_seconds=now)
        self._buckets[gate.name], wait_seconds = gate.rate.take(bucket, now_seconds=now)
        if wait_seconds:
            raise RefusedError(Outcome.RATE_LIMITED, retry_after_seconds=max(1, round(wait_seconds)))

    def _fits(self, request: web.Request) -> None:
        is_json = request.content_type == "application/json" or request.content_type.endswith("+json")
        if not is_json or request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise RefusedError(Outcome.WRONG_MEDIA)
        if (request.content_length or 0) > self._limits.body_bytes_max:
            raise RefusedError(Outcome.TOO_LARGE)

    def _is_genuine(self, gate: Gate, request: web.Request, body: bytes) -> None:
        verdict = check(gate.scheme, request.headers, body, secrets=gate.secrets, now_ms=self._now_ms())
        if verdict is Verdict.GENUINE:
            return
        now = self._monotonic()
        if now - self._told_at.get(gate.name, -TOLD_EVERY_SECONDS) >= TOLD_EVERY_SECONDS:
            self._told_at[gate.name] = now
            log.warning("request_refused", source=gate.name, verdict=verdict)
        raise RefusedError(_REFUSED[verdict])

    async def _take(self, gate: Gate, body: bytes) -> tuple[web.Response, Outcome]:
        received_ms = self._now_ms()
        translation = gate.translator.translate(body, received_ms=received_ms)
        outgoing = [Outgoing(record.topic.name, record.key, record.value) for record in translation.records]
        if translation.faults:
            outgoing.append(_letter(gate, body, translation, received_ms))
        if not outgoing:
            return answer(Outcome.IGNORED), Outcome.IGNORED
        if not await self._publisher.publish(outgoing, within_seconds=self._limits.answer_within_seconds):
            raise RefusedError(Outcome.UNAVAILABLE)
        self._count(gate, translation)
        outcome = _outcome(translation)
        return answer(outcome, events_count=len(translation.records), faults=translation.faults), outcome

    def _count(self, gate: Gate, translation: Translation) -> None:
        for record in translation.records:
            self._metrics.events.labels(gate.name, record.topic.name).inc()
        if translation.faults:
            first = translation.faults[0]
            self._metrics.dead_letters.labels(gate.name, first.category).inc()
            log.warning("body_refused", source=gate.name, category=first.category, path=first.path)


def _outcome(translation: Translation) -> Outcome:
    if not translation.faults:
        return Outcome.ACCEPTED
    return Outcome.PARTLY if translation.records else Outcome.UNUSABLE


def _letter(gate: Gate, body: bytes, translation: Translation, received_ms: int) -> Outgoing:
    version = build()["version"]
    letter = gate.translator.letter(body, translation, received_ms=received_ms, worker_version=version)
    value, headers = codec.encode_record(letter)
    return Outgoing(topics.DEADLETTERS.name, letter.topic.encode(), value, headers)


async def _hide_server(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "tocsin"  # versions are nobody's business out there

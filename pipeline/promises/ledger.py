"""The ledger of one customer's promises: `(book, what came) -> (book, what changed)`. Nothing changes twice.

    open ──a deed in time──> kept
    open ──its time is over──> broken ──a deed, but in time, heard of late──> kept
    open ──taken back, replaced, no longer wanted──> released

Whether a deed keeps a promise goes by when it was done, not by when we heard of it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.conversation.ids import event_hash, is_recent, record_id, remember
from pipeline.promises.due import due_at_ms
from pipeline.promises.state import Book
from pipeline.sla.policy import Audience, PromisePolicy
from pipeline.times import MINUTE_MS
from schemas.promises import DeedCause, MadePromise, Promise, PromiseDeed, PromisesMade, PromiseState, Until

BROKEN_KEY = "broken"
TAKEN_BACK, REPLACED = "taken_back", "replaced"
MAX_PROMISES = 32  # of one customer; those that are over go first
MAX_DEEDS = 8
SAME_TIME_MS = 5 * MINUTE_MS  # who says it again within a call says it a little later
DEEDS_REMEMBERED_MS = 24 * 60 * MINUTE_MS  # a deed may overtake the promise it keeps, by another partition
_DONE_LATE = (Audience.ADMINISTRATOR,)  # nobody has to hurry any more
REMEMBERED_MS = 35 * 24 * 60 * MINUTE_MS


class Change(NamedTuple):
    """A promise as it is now, and why it is to be told."""

    promise: Promise
    before: PromiseState | None  # None where it is new
    key: str = ""  # of a warning the share, of a break `broken`
    audience: tuple[Audience, ...] = ()


class Entered(NamedTuple):
    """The book afterwards, None where it is closed for good, and what changed."""

    book: Book | None
    changes: tuple[Change, ...]


def enter_made(book: Book | None, said: PromisesMade, policy: PromisePolicy) -> Entered | None:
    """The promises of one text; None where they were entered before."""
    book = _unread(book, said.record_id())
    if book is None:
        return None
    page = _Page(book)
    made = {promise_id_of(said, each): each for each in said.made}
    for known in _of_text(book.promises, said):
        if known.state is PromiseState.OPEN and known.promise_id not in made:
            page.put(known, state=PromiseState.RELEASED, reason=TAKEN_BACK, closed_at=said.occurred_at)
    for promise_id, each in made.items():
        _make(page, promise_id, each, said, policy)
    return page.closed(policy, at_ms=said.emitted_at)


def enter_deed(book: Book | None, deed: PromiseDeed, policy: PromisePolicy) -> Entered | None:
    """Something that was done; None where it was entered before."""
    book = _unread(book, deed.record_id())
    if book is None:
        return None
    page = _Page(book)
    for promise in book.promises:
        _do(page, promise, deed)
    page.deeds = (*book.deeds, deed)[-MAX_DEEDS:]
    return page.closed(policy, at_ms=max(deed.emitted_at, deed.occurred_at))


def pass_time(book: Book, policy: PromisePolicy, *, now_ms: int) -> Entered:
    """The book at a moment: of several points that a promise has passed, only the last is told."""
    page = _Page(book)
    for promise in book.promises:
        if promise.state is PromiseState.OPEN:
            _tell(page, promise, policy, now_ms)
    return page.closed(policy, at_ms=now_ms)


def promise_id_of(said: PromisesMade, made: MadePromise) -> str:
    """The id of one promise of a text: conversation, text and kind."""
    return record_id("promise", said.to.conversation_id, f"{said.utterance_id}:{made.kind}")


class _Page:
    """The promises while something is being entered."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.promises = {promise.promise_id: promise for promise in book.promises}
        self.deeds = book.deeds
        self.changes: list[Change] = []

    def put(self, promise: Promise, *, key: str = "", audience: tuple[Audience, ...] = (), **fields: object) -> Promise:
        """A promise with other fields, as a new version."""
        known = self.promises.get(promise.promise_id)
        promise = replace(promise, version=promise.version + 1, **fields)
        self.promises[promise.promise_id] = promise
        self.changes.append(Change(promise, known.state if known else None, key, audience))
        return promise

    def closed(self, policy: PromisePolicy, *, at_ms: int) -> Entered:
        """The book with everything that is still of use."""
        promises = [each for each in self.promises.values() if at_ms < _forgotten_at_ms(each)]
        if len(promises) > MAX_PROMISES:
            promises.sort(key=lambda each: (each.state is PromiseState.OPEN, each.said_at))
            promises = promises[-MAX_PROMISES:]
        deeds = tuple(each for each in self.deeds if at_ms - each.occurred_at < DEEDS_REMEMBERED_MS)
        moments = [_wakes_at_ms(each, policy) for each in promises]
        moments += [each.occurred_at + DEEDS_REMEMBERED_MS for each in deeds]
        if not moments:
            return Entered(None, tuple(self.changes))
        book = replace(self.book, promises=tuple(promises), deeds=deeds, wake_at_ms=min(moments))
        return Entered(book, tuple(self.changes))


def _unread(book: Book | None, record_id: str) -> Book | None:
    """The book with the record remembered; None where it has been read."""
    book, hashed = book or Book(), event_hash(record_id)
    return None if is_recent(book.recent, hashed) else replace(book, recent=remember(book.recent, hashed))


def _of_text(promises: Iterable[Promise], said: PromisesMade) -> list[Promise]:
    return [
        each
        for each in promises
        if each.utterance_id == said.utterance_id and each.to.conversation_id == said.to.conversation_id
    ]


def _make(page: _Page, promise_id: str, made: MadePromise, said: PromisesMade, policy: PromisePolicy) -> None:
    """Enter one promise, unless it only says again what was promised before."""
    known = page.promises.get(promise_id)
    if known is not None and known.state is not PromiseState.OPEN:
        return
    is_vague = made.when.measure is Until.VAGUE
    due_ms = due_at_ms(
        made.when, said_at_ms=said.occurred_at, calendar=policy.calendar, vague_for_ms=policy.vague_for_ms
    )
    if known is not None:
        if known.due_at != due_ms:
            page.put(known, due_at=due_ms, is_vague=is_vague, warned=())
        return
    older = [each for each in page.promises.values() if _is_same_matter(each, made, said)]
    if any(is_vague or abs(each.due_at - due_ms) <= SAME_TIME_MS or each.said_at > said.occurred_at for each in older):
        return
    for each in older:
        closed_at = said.occurred_at
        page.put(each, state=PromiseState.RELEASED, reason=REPLACED, closed_at=closed_at, replaced_by=promise_id)
    promise = page.put(
        Promise(
            promise_id=promise_id,
            kind=made.kind,
            state=PromiseState.OPEN,
            to=said.to,
            utterance_id=said.utterance_id,
            said_at=said.occurred_at,
            due_at=due_ms,
            version=0,
            is_vague=is_vague,
            is_estimated=made.when.measure is Until.WORKING_DAYS and policy.calendar.is_estimated(due_ms),
            postponed=max([each.postponed + (not each.is_vague) for each in older], default=0),
            quote=made.quote,
            char_start=made.char_start,
            char_end=made.char_end,
            mark_start=made.mark_start,
            mark_end=made.mark_end,
        )
    )
    for deed in page.book.deeds:
        _do(page, page.promises[promise.promise_id], deed)


def _is_same_matter(promise: Promise, made: MadePromise, said: PromisesMade) -> bool:
    """Whether an open promise is of the same kind, in the same conversation or about the same order."""
    if promise.state is not PromiseState.OPEN or promise.kind is not made.kind:
        return False
    is_here = promise.to.conversation_id == said.to.conversation_id
    return is_here or (bool(said.to.order_id) and promise.to.order_id == said.to.order_id)


def _do(page: _Page, promise: Promise, deed: PromiseDeed) -> None:
    """What a deed makes of one promise."""
    if promise.kind not in deed.kinds or deed.occurred_at <= promise.said_at or promise.done_at is not None:
        return
    if not _is_about(deed, promise):
        return
    at_ms, is_open = deed.occurred_at, promise.state is PromiseState.OPEN
    if deed.cause is DeedCause.WAIVED:
        if is_open:
            page.put(promise, state=PromiseState.RELEASED, reason=deed.cause.value, closed_at=at_ms)
    elif at_ms <= promise.due_at and (is_open or promise.state is PromiseState.BROKEN):
        page.put(promise, state=PromiseState.KEPT, reason=deed.cause.value, closed_at=at_ms)
    elif is_open or promise.state is PromiseState.BROKEN:
        if is_open:  # no tick came in between
            promise = _break(page, promise, _DONE_LATE, promise.warned)
        page.put(promise, done_at=at_ms, reason=deed.cause.value)


def _is_about(deed: PromiseDeed, promise: Promise) -> bool:
    """Whether a deed may be about a promise: it names no other promise, no other conversation and no other order."""
    to = promise.to
    return (
        deed.promise_id in {"", promise.promise_id}
        and deed.conversation_id in {"", to.conversation_id}
        and ("" in {deed.order_id, to.order_id} or deed.order_id == to.order_id)
    )


def _tell(page: _Page, promise: Promise, policy: PromisePolicy, now_ms: int) -> None:
    span_ms = promise.due_at - promise.said_at
    warned = promise.warned
    last = None
    for point in policy.points(span_ms):
        if promise.said_at + point.elapsed_ms > now_ms:
            break
        if point.elapsed_ms >= span_ms:
            _break(page, promise, point.audience, warned)
            return
        if point.key not in promise.warned:
            warned, last = (*warned, point.key), point
    if last is not None:
        page.put(promise, key=last.key, audience=last.audience, warned=warned)


def _break(page: _Page, promise: Promise, audience: tuple[Audience, ...], warned: tuple[str, ...]) -> Promise:
    state, due_ms = PromiseState.BROKEN, promise.due_at
    return page.put(promise, key=BROKEN_KEY, audience=audience, state=state, closed_at=due_ms, warned=warned)


def _wakes_at_ms(promise: Promise, policy: PromisePolicy) -> int:
    """When there is something to tell next of a promise, or to forget."""
    if promise.state is not PromiseState.OPEN:
        return _forgotten_at_ms(promise)
    for point in policy.points(promise.due_at - promise.said_at):
        if point.key not in promise.warned:
            return promise.said_at + point.elapsed_ms
    return promise.due_at


def _forgotten_at_ms(promise: Promise) -> int:
    if promise.state is PromiseState.OPEN:
        return promise.due_at + 2 * REMEMBERED_MS
    return max(promise.due_at, promise.closed_at or 0) + REMEMBERED_MS

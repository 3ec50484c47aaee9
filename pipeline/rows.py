"""The rows of one partition of one stage: plain values in memory, encoded for the changelog, expired by ticks.

The engine and the in-memory runner use the same store, so neither can keep state in a way that the other does not.
A row that was read back from the changelog stays bytes until somebody asks for it: recovery of a million rows is then
the cost of reading them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from operator import itemgetter
from typing import Any, Generic, TypeVar

import msgspec

from pipeline.packing import Packing, wake_of_packed
from pipeline.wakes import FIELD as WAKE_FIELD
from pipeline.wakes import Wakes, wake_of

Row = TypeVar("Row", bound=msgspec.Struct)

_encode = msgspec.json.Encoder().encode


class Store(Generic[Row]):
    """Committed rows by key, and when each was last touched on the partition's clock.

    `kept` names rows of other types under keys of their own, which never expire. Where no row ever does, nobody need
    remember when it was touched.
    """

    __slots__ = (
        *("_decode", "_expires", "_kept", "_loading", "_rows", "_sent_at_ms", "_touched_at_ms", "_wakes"),
        "held_until_ms",
    )

    def __init__(
        self, kind: type[Row], kept: Mapping[bytes, type[msgspec.Struct]] | None = None, *, expires: bool = True
    ) -> None:
        self._decode = msgspec.json.Decoder(kind).decode
        self._kept: dict[bytes, Callable[[bytes], Any]] = {
            key: msgspec.json.Decoder(of).decode for key, of in (kept or {}).items()
        }
        self._rows: dict[bytes, Any] = {}  # a row, or the bytes of one that nobody asked for since recovery
        self._loading: dict[bytes, bytes | None] = {}
        self._sent_at_ms: dict[bytes, int] = {}  # of what is being loaded
        self._expires = expires
        self._touched_at_ms: dict[bytes, int] = {}  # in order of touch: the oldest comes first
        self._wakes = Wakes() if WAKE_FIELD in kind.__struct_fields__ else None
        # Until when nobody is due; goes with the position, so that a restart in between wakes nobody early.
        self.held_until_ms = 0

    def get(self, key: bytes) -> Row | None:
        """The row of `key`; None where there is none."""
        row = self._rows.get(key)
        if isinstance(row, bytes):
            row = self._rows[key] = self._kept.get(key, self._decode)(row)
        return row

    def encode(self, _key: bytes, row: Row) -> bytes:
        """A changed row as its changelog value."""
        return _encode(row)

    def apply(self, changes: Mapping[bytes, Row | None], *, now_ms: int) -> None:
        """Put changed rows in; None takes a row away."""
        rows, touched, wakes, expires = self._rows, self._touched_at_ms, self._wakes, self._expires
        for key, row in changes.items():
            touched.pop(key, None)
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row
                if expires:
                    touched[key] = now_ms
            if wakes is not None:
                wakes.put(key, 0 if row is None or key in self._kept else row.wake_at_ms)  # type: ignore[attr-defined]

    def load(
        self, records: Iterable[tuple[bytes, bytes | None]], sent_at_ms: Mapping[bytes, int] | None = None
    ) -> None:
        """Take changelog records back in, in their order, and by key when the last of them was sent.

        A tombstone (None) stands until `loaded` removes it.
        """
        self._loading.update(records)
        if self._expires and sent_at_ms:
            self._sent_at_ms.update(sent_at_ms)

    def loaded(self, *, now_ms: int, since_ms: int = 0) -> None:
        """Recovery is over: a row was touched when it was sent, but not after the partition's clock, `now_ms`.

        None counts as touched before `since_ms`; where nobody knows when it was sent, it was touched now.
        """
        loading, self._loading = self._loading, {}
        for key in [key for key, value in loading.items() if value is None]:
            del loading[key]
        self._rows = loading
        if self._wakes is not None:
            self._wakes.load((key, self._wake_of(value)) for key, value in loading.items() if value is not None)
        sent, self._sent_at_ms = self._sent_at_ms, {}
        if self._expires:
            touched = ((key, max(min(sent.get(key, now_ms), now_ms), since_ms)) for key in loading)
            self._touched_at_ms = dict(sorted(touched, key=itemgetter(1)))

    def _wake_of(self, value: bytes) -> int:
        return wake_of(value)

    def take_loading(self, key: bytes) -> bytes | None:
        """Take one loaded value out: the engine keeps its position row among the rows of the changelog."""
        return self._loading.pop(key, None)

    def stand_still(self, *, for_ms: int) -> None:
        """No row grows older by a jump of the clock: no worker was there to tick."""
        self._touched_at_ms = {key: at_ms + for_ms for key, at_ms in self._touched_at_ms.items()}

    def expired(self, before_ms: int, *, most: int | None = None) -> list[bytes]:
        """Keys of rows last touched before `before_ms`, oldest first; `most` of them where that is told."""
        keys: list[bytes] = []
        for key, touched_at_ms in self._touched_at_ms.items():
            if touched_at_ms >= before_ms or len(keys) == most:
                break
            if key not in self._kept:
                keys.append(key)
        return keys

    def due(self, now_ms: int, *, most: int | None = None) -> list[bytes]:
        """Keys of rows that want to be looked at (`wake_at_ms`) at this moment or before, the longest due first."""
        return [] if self._wakes is None else self._wakes.due(now_ms, most=most)

    def hold_wakes(self, *, until_ms: int) -> None:
        """Nobody is due before: the clock has jumped because no worker was there to tick."""
        self.held_until_ms = until_ms
        if self._wakes is not None:
            self._wakes.hold(until_ms=until_ms)

    def frozen(self) -> Callable[[bytes], Row | None]:
        """`get` of the rows as they stand now, also for another thread.

        A dict of bytes is copied in one step that no other thread can come between; a row is never changed but
        replaced, and what is decoded for the asker is kept in his copy only.
        """
        frozen = copy(self)
        frozen._rows = self._rows.copy()  # noqa: SLF001  (its own kind)
        return frozen.get

    def __len__(self) -> int:
        return len(self._rows)

    def items(self) -> Iterator[tuple[bytes, Row]]:
        """Every row, decoded; for readers such as tests and snapshots, not for the hot path."""
        for key in list(self._rows):
            row = self.get(key)
            if row is not None:
                yield key, row


class PackedStore(Store[Row]):
    """Rows that stay packed, for stages with very many rows of which few are asked for at a time."""

    __slots__ = ("_fresh", "_packing")

    def __init__(self, kind: type[Row], packing: Packing, *, expires: bool = True) -> None:
        super().__init__(kind, expires=expires)
        self._packing = packing
        self._fresh: dict[bytes, bytes] = {}  # changed rows on their way to the changelog: packing is dear

    def get(self, key: bytes) -> Row | None:
        """The row of `key`, decoded anew; None where there is none."""
        row = self._rows.get(key)
        return None if row is None else self._decode(self._packing.unpack(row))

    def encode(self, key: bytes, row: Row) -> bytes:
        """A changed row as its changelog value, which is what `apply` will keep of it."""
        value = self._fresh[key] = self._packing.pack(row)
        return value

    def apply(self, changes: Mapping[bytes, Row | None], *, now_ms: int) -> None:
        """Put changed rows in; None takes a row away."""
        fresh, self._fresh = self._fresh, {}
        super().apply(changes, now_ms=now_ms)
        for key, row in changes.items():
            if row is not None:
                self._rows[key] = fresh.get(key) or self._packing.pack(row)

    def _wake_of(self, value: bytes) -> int:
        return wake_of_packed(value)


def encode_row(row: msgspec.Struct) -> bytes:
    """A row as JSON: what the changelog holds of it, unless its stage packs its rows."""
    return _encode(row)


class Overlay(Generic[Row]):
    """Rows as they will be after the current turn: its changes over the committed store."""

    __slots__ = ("_store", "changes")

    def __init__(self, store: Store[Row]) -> None:
        self._store = store
        self.changes: dict[bytes, Row | None] = {}

    def get(self, key: bytes) -> Row | None:
        """The newest row of `key`, changed in this turn or committed."""
        if key in self.changes:
            return self.changes[key]
        return self._store.get(key)

    def due(self, now_ms: int, *, most: int | None = None) -> list[bytes]:
        """Keys of rows that were due before this turn; what the turn has changed of them, `get` tells.

        Beside the `most` that are asked for there may be as many as the turn has changed, which need not be due now.
        """
        return self._store.due(now_ms, most=None if most is None else most + len(self.changes))

"""What one text says of promises: those it makes, those it says are kept, those it gives back."""

import msgspec

from schemas.promises import MadePromise, PromiseKind


class PromiseTalk(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Most texts have none; one that has says at least one of the three."""

    made: tuple[MadePromise, ...] = ()  # by an agent; at most one of each kind
    done: tuple[PromiseKind, ...] = ()  # an agent says that it is done, or a customer that it has come
    released: tuple[PromiseKind, ...] = ()  # a customer says that it is no longer wanted

"""How a place passes through time: what waits is counted, stretches become usual, the last hour is looked at."""

from msgspec.structs import replace

from pipeline.hotwords.calls import called_together, remembered
from pipeline.hotwords.causes import is_cause
from pipeline.hotwords.look import looked_at
from pipeline.hotwords.outbreaks import FORGOTTEN_AFTER_MS, Outbreak, as_alert, as_over, level_of, outbreaks_of
from pipeline.hotwords.publish import EXAMPLES_MAX, examples_for, hot_words, hour_of_words
from pipeline.hotwords.sketch import EMPTY, Sketch, counted, merged, speaker_of
from pipeline.hotwords.state import (
    ALL,
    POOL_MAX,
    STRETCH_MS,
    STRETCHES,
    TAKEN_MAX,
    WAITING_MAX,
    Place,
    Quote,
    Told,
    Waiting,
    WordsRow,
    place_key,
    pool_key,
    stretch_key,
    usual_key,
)
from pipeline.hotwords.themes import themes_of
from pipeline.hotwords.usual import Usual, faded, learnt
from pipeline.stage import Effects, Output, Rows
from pipeline.times import HOUR_MS, MINUTE_MS
from schemas.topics import ALERTS, HOT_WORDS

ROOM, ROOM_OF_ALL = 512, 2048  # terms of a stretch and of the usual: a count is too low by at most a 512th of all


class Passing:
    """The rows as they are while a batch is being folded: what this batch changed lies over what was committed."""

    def __init__(self, rows: Rows[WordsRow], effects: Effects[WordsRow]) -> None:
        self._rows = rows
        self.effects = effects

    def get(self, key: bytes) -> WordsRow | None:
        """A row as it is now."""
        changes = self.effects.changes
        return changes[key] if key in changes else self._rows.get(key)

    def has_room(self, name: str, at_ms: int, *, emitted_at_ms: int) -> bool:
        """Let a place come as far as a moment; whether one more conversation of its minute is to be read."""
        self.move(name, at_ms, emitted_at_ms=emitted_at_ms)
        place = self._place(name)
        if place is None or place.taken < TAKEN_MAX:
            return True
        self._put(name, replace(place, unread=place.unread + 1))
        return False

    def take(self, name: str, waiting: Waiting, *, emitted_at_ms: int) -> None:
        """Let a place come as far as a conversation, and the conversation wait to be counted in it."""
        self.move(name, waiting.at_ms, emitted_at_ms=emitted_at_ms)
        place = self._place(name) or Place(waiting.at_ms // MINUTE_MS)
        place = replace(place, waiting=(*place.waiting, waiting), taken=place.taken + 1)
        self._put(name, place)
        if len(place.waiting) >= WAITING_MAX:
            self._count(name, place)

    def move(self, name: str, now_ms: int, *, emitted_at_ms: int) -> None:
        """Let a place come as far as a moment; nothing happens but when a minute has passed."""
        place, minute = self._place(name), now_ms // MINUTE_MS
        if place is None or minute <= place.minute:
            return
        hours = minute * MINUTE_MS // HOUR_MS - place.minute * MINUTE_MS // HOUR_MS
        is_idle = not (place.waiting or place.stretches or place.hot or place.outbreaks)
        if is_idle and not hours:  # only the usual is left, which fades once an hour
            return
        place = self._count(name, place)
        ends_stretch = minute * MINUTE_MS // STRETCH_MS > place.minute * MINUTE_MS // STRETCH_MS
        if hours:
            self._publish_hours(name, place, minute * MINUTE_MS, emitted_at_ms=emitted_at_ms)
        place = replace(place, minute=minute, taken=0, unread=0 if hours else place.unread)
        if ends_stretch:
            place = self._let_go(name, place, hours)
        self._put(name, place)
        if not is_idle:
            self._look(name, place, is_due=ends_stretch, emitted_at_ms=emitted_at_ms)

    def _count(self, name: str, place: Place) -> Place:
        """Put what waits into its stretches; what is older than the last hour goes into the usual at once."""
        if not place.waiting:
            return place
        newest = place.minute * MINUTE_MS // STRETCH_MS
        by_stretch: dict[int, list[Waiting]] = {}
        for each in place.waiting:
            by_stretch.setdefault(each.at_ms // STRETCH_MS, []).append(each)
        for number, waiting in by_stretch.items():
            is_old = number <= newest - STRETCHES
            key = stretch_key(name, number)
            row = None if is_old else self.get(key)
            known = (row.stretch if row is not None else None) or EMPTY
            stretch = counted(known, ((each.said, each.terms) for each in waiting), room=_room(name))
            if is_old:
                self._learn(name, stretch)
            else:
                self.effects.changes[key] = WordsRow(stretch=stretch)
        pool = (*self._pool(name), *(Quote(each.at_ms, each.said, each.quote) for each in place.waiting if each.quote))
        self.effects.changes[pool_key(name)] = WordsRow(pool=pool[-POOL_MAX:])
        kept = {*place.stretches, *(number for number in by_stretch if number > newest - STRETCHES)}
        calls = remembered(place.calls, place.waiting, now_ms=place.minute * MINUTE_MS) if name == ALL else {}
        place = replace(place, waiting=(), stretches=tuple(sorted(kept)), calls=calls)
        self._put(name, place)
        return place

    def _let_go(self, name: str, place: Place, hours: int) -> Place:
        """What is no longer of the last hour becomes part of the usual, which fades once an hour."""
        usual = self._usual(name)
        if hours and usual != Usual():
            self.effects.changes[usual_key(name)] = WordsRow(usual=faded(usual, hours=hours))
        first = place.minute * MINUTE_MS // STRETCH_MS - STRETCHES + 1
        for number in place.stretches:
            if number < first:
                self._learn(name, self._stretch(name, number))
                self.effects.changes[stretch_key(name, number)] = None
        return replace(place, stretches=tuple(number for number in place.stretches if number >= first))

    def _learn(self, name: str, stretch: Sketch) -> None:
        usual = learnt(self._usual(name), stretch, room=_room(name))
        self.effects.changes[usual_key(name)] = WordsRow(usual=usual)

    def _publish_hours(self, name: str, place: Place, now_ms: int, *, emitted_at_ms: int) -> None:
        """The hours that have ended, of what there is of them."""
        each_hour = HOUR_MS // STRETCH_MS
        for hour in sorted({number // each_hour for number in place.stretches}):
            start_ms = hour * HOUR_MS
            if place.minute * MINUTE_MS < start_ms + HOUR_MS <= now_ms:
                numbers = [number for number in place.stretches if number // each_hour == hour]
                sketch = merged((self._stretch(name, number) for number in numbers), room=_room(name))
                words = hour_of_words(name, start_ms, sketch, emitted_at_ms=emitted_at_ms)
                self.effects.outputs.append(Output(HOT_WORDS, name.encode(), words))

    def _look(self, name: str, place: Place, *, is_due: bool, emitted_at_ms: int) -> None:
        """Say what is hot where that has changed, and else every ten minutes; tell of outbreaks that are new."""
        hour = merged((self._stretch(name, number) for number in place.stretches), room=_room(name))
        usual = self._usual(name)
        seen = looked_at(hour, usual)
        hot = [each for each in seen if each.is_hot]
        themes = themes_of(hot)
        terms = tuple(sorted(each.term for each in hot))
        examples = examples_for(terms, place.examples, self._pool(name))
        looked = replace(place, hot=terms, examples=examples)
        if name == ALL:
            calls = remembered(looked.calls, (), now_ms=looked.minute * MINUTE_MS)
            looked = replace(looked, calls=calls)
            outbreaks = [*outbreaks_of(hour, themes, usual), *called_together(calls)]
            looked = replace(looked, outbreaks=self._tell(looked, outbreaks, emitted_at_ms=emitted_at_ms))
        if terms != place.hot or examples != place.examples or is_due:
            looked = replace(looked, version=place.version + 1)
            words = hot_words(name, looked, hour, usual, seen, themes, emitted_at_ms=emitted_at_ms)
            self.effects.outputs.append(Output(HOT_WORDS, name.encode(), words))
        self._put(name, looked)

    def _tell(self, place: Place, outbreaks: list[Outbreak], *, emitted_at_ms: int) -> dict[str, Told]:
        """Tell of each outbreak once, and that it is over when it has not been seen for an hour."""
        now_ms = place.minute * MINUTE_MS
        told = dict(place.outbreaks)
        for outbreak in outbreaks:
            known = told.get(outbreak.name)
            if known is None:
                alert = as_alert(outbreak, self._quotes(place, outbreak), at_ms=now_ms, emitted_at_ms=emitted_at_ms)
                self.effects.outputs.append(Output(ALERTS, alert.region.encode(), alert))
                known = Told(now_ms, alert.region, level_of(outbreak))
            told[outbreak.name] = replace(known, seen_at_ms=now_ms)
        for name in [name for name, known in told.items() if known.seen_at_ms <= now_ms - FORGOTTEN_AFTER_MS]:
            over = as_over(name, told.pop(name), at_ms=now_ms, emitted_at_ms=emitted_at_ms)
            self.effects.outputs.append(Output(ALERTS, over.region.encode(), over))
        return told

    def _quotes(self, place: Place, outbreak: Outbreak) -> tuple[Quote, ...]:
        if not is_cause(outbreak.name):
            return place.examples.get(outbreak.name, ())
        quotes = place.calls.get(outbreak.name) or self._pool(ALL)
        by_customer = {
            speaker_of(quote.said.customer): quote
            for quote in quotes
            if quote.said.customer in outbreak.tally.customers
        }
        return tuple(by_customer.values())[-EXAMPLES_MAX:]

    def _put(self, name: str, place: Place) -> None:
        self.effects.changes[place_key(name)] = WordsRow(place=place)

    def _place(self, name: str) -> Place | None:
        row = self.get(place_key(name))
        return None if row is None else row.place

    def _stretch(self, name: str, number: int) -> Sketch:
        row = self.get(stretch_key(name, number))
        return (row.stretch if row is not None else None) or EMPTY

    def _usual(self, name: str) -> Usual:
        row = self.get(usual_key(name))
        return (row.usual if row is not None else None) or Usual()

    def _pool(self, name: str) -> tuple[Quote, ...]:
        row = self.get(pool_key(name))
        return row.pool if row is not None else ()


def _room(name: str) -> int:
    return ROOM_OF_ALL if name == ALL else ROOM

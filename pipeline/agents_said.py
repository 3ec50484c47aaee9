"""Read one agent, bot or system text: it never makes a level, but it may say what an agent must not, or apologise."""

import re

from pipeline.hits import Dropped, real
from pipeline.reading import RawSign, Reading
from pipeline.rules.snapshot import Kind, Snapshot, Use
from pipeline.text.scan import Hit
from schemas.vocabulary import Level

FORBIDDEN = "forbidden"
DOUBTFUL = "doubtful"  # what counts only in some situations: the conversation decides

_AROUND = 10  # characters on either side that may turn a word round
# Right before a word: 不能保证给你退 promises nothing, 这不是你自己的问题 blames nobody, and a condition nobody yet.
_DENIED = {
    "over_promise": re.compile(
        r"(?:(?<!要)不(?:能|敢|可以|可能|会|是|一定)?|没人?(?:能|敢)?|没有人?)"
        r"(?:[跟向给对][你您])?(?:保证|说|承诺)?(?:是|能)?$"
    ),
    "bully": re.compile(
        r"(?:不是?|(?:不是|没有?)(?:说|指|怪)(?:这|那)?是?|(?:如果|若|要是|假如|除非|是否|不管)(?:确实|真的)?是?)$"
    ),
}
# Right behind it: 我保证不了, 你不懂没关系, 您想怎么样处理呢.
_HARMLESS = {
    "over_promise": re.compile(r"保证不[了到]"),
    "contempt": re.compile(
        r"[你您]不懂(?:(?:也|都)?(?:没关系|没事|不要紧)|的(?:地方|话|问题|可以|都|请|随时)|(?:就|可以)(?:随时)?问)"
    ),
    "confront": re.compile(
        r"(?:随便[你您]|想怎么样)们?(?:处理|解决|安排|操作|选|挑|拿|看|试|退|换|修|付|配送|什么时[候间]|哪|几点)"
        r"|去告[诉知]"
    ),
    "bully": re.compile(r"还想要什么(?:样|颜色|尺|款|型|规格|口味|商品|产品|服务)"),
}
# 这不是你自己的问题吗 and 还不是你自己的问题 say that it is.
_ASKS_BACK = re.compile(r"[^,.!?;。]{0,6}[吗嘛么]")
_SAYS_SO = re.compile(r"(?:难道|还|可|岂)(?:这|那)?不是?$")


def read_agent(text: str, hits: list[Hit], rules: Snapshot) -> Reading:
    """One agent text: a sign of no level for each forbidden phrase, and what the pack lists under `agent_tags`."""
    reading = Reading()
    for phrase, start, end in real(text, hits, rules, [], reading.dropped):
        word = rules.phrases[phrase]
        for use in rules.uses[phrase]:
            if use.kind is Kind.FORBIDDEN:
                _read_forbidden(text, (start, end), word, use, reading)
            elif use.kind is Kind.DOUBTFUL_SAID:
                reading.tag(f"agent_{DOUBTFUL}:{use.rule}")
                reading.signs.append(RawSign(f"{DOUBTFUL}.{use.rule}:{word}", Level.NONE, 0, start, end, word))
            elif use.kind is Kind.AGENT_TAG:
                reading.tag(use.rule)
    return reading


def _read_forbidden(text: str, place: tuple[int, int], word: str, use: Use, reading: Reading) -> None:
    start, end = place
    why = _turned_round(text, start, end, group=use.rule)
    if why:
        reading.dropped.append(Dropped(f"{FORBIDDEN}.{use.rule}", word, start, end, why))
        return
    reading.tag(FORBIDDEN)
    reading.tag(f"agent_{FORBIDDEN}:{use.rule}")
    reading.signs.append(RawSign(f"{FORBIDDEN}.{use.rule}:{word}", Level.NONE, 0, start, end, word))


def _turned_round(text: str, start: int, end: int, *, group: str) -> str:
    """Why a forbidden word was not meant here; "" where it was."""
    harmless, denied = _HARMLESS.get(group), _DENIED.get(group)
    if harmless is not None:
        behind = harmless.search(text, start, end + _AROUND)
        if behind is not None and behind.start() < end < behind.end():
            return "harmless as it goes on"
    before = text[max(0, start - _AROUND) : start]
    if denied is None or not denied.search(before) or _SAYS_SO.search(before) or _ASKS_BACK.match(text, end):
        return ""
    return "denied"

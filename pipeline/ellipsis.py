"""What a bare answer stands for: 对 after 您是要投诉吗 says 我是要投诉. Words are rewritten; nothing is judged.

Only the last sentence before the answer is looked at, and only where it asks: what was merely said before does not
become the customer's words.
"""

import re

from pipeline.text.script import to_simplified

_LONGEST_ANSWER = 24  # characters; who says more says it in full
_LONGEST_QUESTION = 80
_TURNS_END = re.compile(r"\s/\s|\n")  # how turns are put into one line
_SENTENCE_END = re.compile(r"[。！!；;…]+")
_EDGES = " \t，,。.！!？?~～、；;…"
_SIGNS = re.compile(r"[^\w\s，,。.！!？?~～、；;…/]+")  # emoji behind an answer or a question say nothing here
_YES = re.compile(
    r"(嗯|哦|噢|啊|呃|那|就)*"
    r"(嗯|对+|是|是的|没错|不错|当然|肯定|必须|必须的|确定|可以|要|需要|我要|我需要|我想|想|有|有的|同意|好|好的|行)"
    r"(了|啊|呀|的|吧|哦|哒|嘛)*[，, ]*"
    r"(就?(是|按|照)?(这个|这样|这么(回事|办)|你说的|那个)(意思|事)?|就这么定|没错|对+|是的|我要|我确定|赶紧|马上|谢谢)?"
    r"(的|吧|啊|办)*"
)
_NO = re.compile(r"(不|没|别|算了|暂时|先不)")
_WHETHER = re.compile(r"(吗|么|嘛|吧|呢|是吗|对吗|对吧|是吧|是不是|对不对|好吗|可以吗|行吗)+$")
_CHOICE = re.compile(r"(是不是|要不要|需不需要|想不想|有没有)")
_CHOSEN = {"是不是": "是", "要不要": "要", "需不需要": "需要", "想不想": "想", "有没有": "有"}
_WHICH = re.compile(
    r"(哪一?(位|个|家|名|方面|件事|件)(客服|员工|师傅|人员|工作人员|商家|门店|店|问题)?|谁|什么(问题|事情|事|内容)?|啥事?)$"
)
_OPENINGS = re.compile(r"^((您好|你好|请问|那么?|所以|好的|抱歉|也就是说?)[，, ]*)*")
_OPEN = re.compile(r"(什么|怎么|如何|哪|谁|多少|几|还是)")  # 对 does not answer it


def spelled_out(text: str, context: str) -> str | None:
    """The sentence that a short answer stands for, in the customer's own person; None where it stands for itself."""
    answer = _plain(text).strip(_EDGES)
    if not answer or len(answer) > _LONGEST_ANSWER:
        return None
    question = _question(context)
    if not question:
        return None
    which = _WHICH.search(question)
    if which is not None and not _NO.match(answer):
        return f"{_turned(question[: which.start()])}{answer}" if len(answer) > 1 else None
    if which is None and not _OPEN.search(question) and _YES.fullmatch(answer):
        asked = _CHOICE.sub(lambda found: _CHOSEN[found[0]], _WHETHER.sub("", question))
        return _turned(asked) or None
    return None


def _plain(text: str) -> str:
    return to_simplified(_SIGNS.sub("", text))


def _question(context: str) -> str:
    """The question that the last turn ends with, without its mark; empty where it asks nothing."""
    turn = _TURNS_END.split(_plain(context).strip())[-1].rstrip()
    last = _SENTENCE_END.split(turn.rstrip(_EDGES.replace("?", "").replace("？", "")))[-1]
    asked = [part for part in re.split(r"[？?]", last) if part.strip(_EDGES)]
    if not asked:
        return ""
    question = _OPENINGS.sub("", asked[-1].strip(_EDGES))
    is_asked = last.rstrip().endswith(("?", "？")) or _WHETHER.search(question) or _WHICH.search(question)
    return question if is_asked and len(question) <= _LONGEST_QUESTION else ""


def _turned(question: str) -> str:
    """The words of one who asks in the mouth of one who answers: 您 becomes 我, 我们 becomes 你们."""
    swapped = re.sub(r"我们|我司|我方|我", "\0", question)
    return re.sub(r"您|你们|你", "我", swapped).replace("\0", "你们").strip(_EDGES)

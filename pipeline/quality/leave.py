"""Whether a customer only thanks or takes leave: nobody has to answer that, and most chats end with it."""

import re

_MAX_CHARS = 24
_LEAVING = re.compile(
    r"[谢謝]|再[见見]|[拜掰]|[没沒](?:有了|了|事)|不用|不需要|[就先][这這][样樣]|thank|3q|88|bye", re.IGNORECASE
)
_NOTHING_ELSE = re.compile(
    r"(?:[嗯哦噢喔啊好行的滴嘞吧呢哈啦呀对對可以知道明白收到您你们們亲親，。！、~～,.!…\s]"
    r"|了|[没沒](?:有了|了|事|[问問][题題])|不用|不需要|[就先][这這][样樣]|再[见見]|[拜掰]"
    r"|[多感]?[谢謝]|辛苦|麻[烦煩]|客服|小姐姐|小哥|thanks?|you|3q|886?|bye|ok)+",
    re.IGNORECASE,
)


def takes_leave(text: str) -> bool:
    """Whether a text thanks, declines or says goodbye, and nothing else. `好的` alone waits for what was promised."""
    if len(text) > _MAX_CHARS:
        return False
    return _NOTHING_ELSE.fullmatch(text) is not None and _LEAVING.search(text) is not None  # most end after two signs

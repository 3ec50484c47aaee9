"""Whether 解决了, 修好了, 退款到了 say that it is so: only then is a complaint settled by them."""

from pipeline.clauses import Clause
from pipeline.rules.expressions import Expressions

_NEAR_CHARS = 40  # on either side of the words; a clause of 8,000 characters may have 2,000 of them
# Where 解决了, 修好了, 退款到了 do not say that it is so. The words stand between < and >.
_UNSETTLED = {
    "asked for": (
        r"(什么时候|啥时候|何时|几时|哪天|多久|几天|怎么|咋|如何|(能|可)不(能|可)|能否|可否|是否|是不是|有没有|会不会).*<",
        r"(到底|究竟|难道|凭什么|为什么|为啥).*<",
        r"(^|请问)(那|这|所以)?就?是(已经?)?<",  # 是已经处理好了; an answer is 是的
        r">.{0,8}(吗|嘛|呢|吧|没|没有|[^什这那怎]么|\?)$",
        r">了?(吗|么|不(呢|啊|\?|$)|没([^有事问什关啥再必了]|$)|没有([^事问什关啥再必]|$))",
        r">.{0,4}(怎么|哪)|(什么叫|这叫|[也就]叫|哪里|哪儿).{0,8}<",
    ),
    "not so yet": (
        r"(没|没有|未|不|(^|[^特区分级])别)(能|会|给|帮|把|为|替|我|你|们|真|真的|完全|彻底|全部|太|很|人|东西|算|是)*<",
        r"(还|还是|从来?|根本|并)(没|不).*<",
        r"([^主重次不]|^)要[^的]{0,8}<",
        r"(要求|必须|务必|尽快|尽早|赶紧|赶快|抓紧|希望|期待|但愿|盼|最好|指望).*<",
        r"(^|[^申])(请|麻烦)[^了的]{0,10}<",
        r"(^|(请|麻烦|快|赶紧|马上|立刻|立即|先|再|能)(你们?|您)?)(帮|给|替)我?[^了的]{0,8}<|^把.{0,8}<",
        r"([^原首事]|^)先[^的]{0,4}<",
        r"等([^了].{0,6})?<|直到.*<",
        r"(如果|要是|只要|除非|一旦|万一|假如|倘若|就算|即使|即便|哪怕).*<",
        r"([^刚]|^)才.{0,8}<|>.*[^刚]才|>才",
        r">(了|之后|以后|后)*(再(说|撤|谈|联系|打|给|来|评|付)|就(行|可以|撤|取消|告诉|通知|给|联系|打|说|不投诉))",
        r">(了|之后|以后|后)*(请|麻烦你?们?|要|记得)?(给我|跟我|和我|告诉|通知|联系|打我?电话|回我?个?电|发我|叫我|说一声)",
        r">了?(之后|以后|后|为止|的话|的?(状态|字样|按钮|选项))",
    ),
    "said by others": (
        r"(显示|写着|写的|写了|标着|标记|提示|状态|备注|点了?成?|改成).{0,8}<",
        r"(^|[^我你您们])(说|讲|称)[^的]{0,10}<|([^跟和对向给]|^)(你|您|[你他她人傅]们)(说|讲|称)[^的]{0,10}<",
        r"(跟|和|对|向|给)我(说|讲).*<|(告诉|通知|回复|答复|短信)([^你您].{0,7})?<",
        r"(你们?|您|客服|师傅|平台|商家|卖家|店家|快递|他们?|她).{0,3}(确定|保证|确认|承诺|确保|以为|觉得|认为).*<",
        r"(保证|承诺|答应|确保|以为|假装|声称|每次|每回).*<",
        r"(你们?|他们|商家)(现在|终于|这下|就|可|总)*<满意",
        r"(别人|人家|其他人|别家|他家|邻居|同事)[^的]{0,6}<",
        r"(上次|上回|之前|以前|第一次)[^的那]{0,6}<",
        r">.{0,4}(又(坏|断|出|开始|不|没|来|这样|犯|有|漏|响|卡|掉)|结果|其实|根本|却|可(我|钱|你|现在|是)|没(两|几)(天|个|小时))",
        r">.{0,2}(假的|骗|个?屁|个?鬼|才怪)",
    ),
}
_SETTLING = Expressions()
for _why, _sources in _UNSETTLED.items():
    _SETTLING.add(_why, _sources)


def unsettled(text: str, clause: Clause, *, start: int, end: int) -> str:
    """Why words of a solution do not say that there is one: 处理好了吗 asks, 师傅说修好了 tells; empty when they do.

    A complaint that stands too long costs a look at it, one that is settled by mistake is lost.
    """
    before = text[max(clause.start, start - _NEAR_CHARS) : start]
    behind = text[end : min(clause.end, end + _NEAR_CHARS)]
    asked = "?" if text.startswith("?", clause.end) else ""
    verdict = _SETTLING.read(f"{before}<{text[start:end]}>{behind}{asked}")
    return next((why for why in _UNSETTLED if verdict.matches(why)), "")

"""What is never part of a term: function words, what every conversation says, platforms, numbers, names of people.

A text is cut at these, so that what is left between two cuts is what it is about. Characters that begin words of
substance (有毒, 着火, 过敏, 会员) are no cuts by themselves, only inside the words below.
"""

from pipeline.places.provinces import PROVINCES

CUTS = (
    "的了吗呢吧呀哦嗯嘛么我你您他她它们这那哪谁啥就都也还又才挺把被与或是在啦哎唉呃喂嘞哒咱啊哈"
    "若则且其此该各每某为以因所但而如虽乎之于给跟让叫说"
)

# Never the first or never the last character of a term: what it belongs to has been cut away.
BAD_STARTS = frozenset("和及等再很太最更得些个要")
BAD_ENDS = frozenset("不没未无很太最更再有和及等要想能可说向从一这那个些第刚只别请就过去来")

_WORDS = (
    # what is said about everything
    "没有 有没有 还有 只有 所有 有人 有点 有些 什么 怎么 为什么 怎么样 怎样 如何 可以 能不能 可不可以 可能 知道 "
    "不知道 现在 已经 一直 总是 一样 一般 一起 一定 一点 一些 一下 时候 有时 以前 以后 之前 之后 然后 后来 最后 "
    "开始 结果 但是 可是 不过 因为 所以 如果 而且 虽然 还是 或者 就是 不是 是不是 都是 只是 真是 算是 不会 不能 "
    "不要 不想 不到 不用 不行 需要 应该 必须 觉得 感觉 认为 以为 希望 想要 看到 听到 说是 说明 表示 发现 出现 进行 "
    "使用 通过 关于 对于 由于 根据 按照 要求 目前 当时 今天 昨天 明天 前天 上午 下午 晚上 早上 中午 星期 周末 月份 "
    "小时 分钟 几天 好几 多次 再次 每次 第一 非常 十分 特别 比较 实在 真的 确实 其实 简直 根本 完全 到底 究竟 居然 "
    "竟然 马上 立即 立刻 尽快 赶紧 快点 东西 事情 情况 原因 方面 地方 里面 上面 下面 外面 自己 别人 大家 人家 本人 "
    "我们 你们 他们 这么 那么 这样 那样 这种 那种 这次 那次 这里 那里 起来 出来 出去 过来 过去 回来 下来 下去 进去 "
    "不了 得很 一遍 两个 几个 多少 左右 收到 拿到 打开 看看 试试 告诉 表达 继续 不停 从来 直接 只能 只好 甚至 包括 "
    "以及 等等 各种 任何 全部 整个 另外 此外 关键 主要 "
    # what every conversation with a service has
    "你好 您好 谢谢 感谢 请问 麻烦 辛苦 抱歉 对不起 不好意思 客服 人工 坐席 接线员 工作人员 服务 问题 处理 解决 "
    "投诉 举报 反馈 反映 回复 答复 回答 联系 沟通 咨询 电话 打电话 来电 拨打 消费者 顾客 客户 用户 买家 卖家 商家 "
    "店家 店铺 老板 掌柜 亲们 公司 平台 官方 企业 领导 书记 市长 主任 部门 有关部门 相关部门 希望相关 同志 尊敬 "
    "网友 编号 转办 办理 "
    # platforms, and where people threaten to go: the lexicon knows them
    "淘宝 天猫 京东 拼多多 抖音 快手 微博 小红书 闲鱼 美团 饿了么 支付宝 微信 公众号 朋友圈 黑猫 唯品会 苏宁 当当 "
    "亚马逊 知乎 哔哩哔哩 携程 去哪儿 飞猪 百度 滴滴 高德 花呗 借呗 大众点评 消协 消费者协会 工商局 市场监管 监管局 "
    "法院 律师 媒体 记者 电视台 曝光 维权 "
)
WORDS = tuple(_WORDS.split())

PLACES = tuple(PROVINCES.values())
_TITLES = "先生 女士 小姐 师傅 经理 老师 太太 阿姨 大哥 大姐 主管 店长 队长"  # a name stands before them
TITLES = tuple(_TITLES.split())
NUMBERS = "零〇一二两三四五六七八九十百千万亿几多半"
_COUNTED = (
    "个 天 次 年 月 日 号 块 元 点 分 秒 遍 条 台 只 件 箱 瓶 份 人 家 层 楼 岁 米 斤 倍 星 折 周 页 栋 室 "
    "单元 小时 分钟"
)
COUNTED = "|".join(_COUNTED.split())

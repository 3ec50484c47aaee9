// Words of the page, Chinese first. Names of regions, levels, reasons … come from /api/names.
export const LANGUAGES = ["zh", "en"];

const WORDS = {
  title: ["投诉预警", "Complaint warnings"], skip: ["跳到告警", "Skip to alerts"],
  level: ["等级", "Level"], reason: ["原因", "Reason"], region: ["地区", "Region"], span: ["时段", "Span"],
  layout: ["排列", "Layout"], by_place: ["方位", "By place"], by_heat: ["热度", "By heat"],
  all: ["全部", "All"], clear: ["清除筛选", "Clear filters"],
  "15m": ["15 分钟", "15 minutes"], "1h": ["1 小时", "1 hour"], "24h": ["24 小时", "24 hours"],
  regions: ["各地区", "Regions"], sources: ["数据来源", "Sources"], alerts: ["告警", "Alerts"],
  incidents: ["事件", "Incidents"], clocks: ["时限", "Deadlines"],
  legend: ["■ 高危 △ 明确 ○ 潜在；数字是升到该等级的会话数，× 是投诉（明确及以上）与此时平时之比。斜纹灰：数据不可信或还没有记录。",
    "■ high risk △ explicit ○ potential: conversations that rose to it; × complaints (explicit or worse) against what is usual now. Grey stripes: nothing recorded, or not to be trusted."],
  none_alerts: ["此筛选下近 24 小时没有告警", "No alert of the last 24 hours matches"],
  none_incidents: ["没有未结事件", "No open incident"], none_clocks: ["没有运行中的时限", "No running deadline"],
  more: ["再看更早的", "Show earlier ones"], more_incidents: ["再看更多", "Show more"],
  wall: ["大屏", "Wall"], theme_dark: ["深色", "Dark"], theme_light: ["浅色", "Light"], language: ["English", "中文"],
  logout: ["退出", "Log out"], login: ["登录", "Log in"], token: ["令牌", "Token"], enter: ["进入", "Enter"],
  login_token: ["请输入管理员发的令牌。", "Enter the token that your administrator gave you."],
  login_proxy: ["请从公司的入口登录后再打开。", "Log in at your company's entrance first."],
  login_oidc: ["用公司账号登录", "Log in with your company account"],
  login_stale: ["这次登录已过期，或不是在这个浏览器开始的，请重新登录。", "This login took too long, or was not begun in this browser. Try again."],
  login_denied: ["公司的登录系统没有放行。", "Your company's login said no."],
  login_away: ["公司的登录系统没有应答，请稍后再试，或告诉管理员。", "Your company's login does not answer. Try later, or tell your administrator."],
  login_refused: ["公司的登录系统给的凭证核对不上，请告诉管理员。", "What your company's login answered does not prove who you are. Tell your administrator."],
  login_no_role: ["登录成功，但您没有看板的权限，请向管理员申请。", "You are logged in, but nobody gave you the right to see the board. Ask your administrator."],
  login_wrong: ["令牌不对，或试得太多。", "Unknown token, or too many attempts."],
  keys: ["键盘", "Keyboard"], close: ["关闭", "Close"],
  live: ["● 实时", "● Live"], loading: ["◌ 正在读取最近一天", "◌ Reading the last day"],
  broker_away: ["✕ 消息系统无应答", "✕ The broker does not answer"], no_worker: ["✕ 没有程序在判断", "✕ No worker is judging"],
  behind: ["△ 处理落后", "△ Running behind"], offline: ["✕ 与看板断开，正在重连", "✕ Disconnected, reconnecting"],
  not_loaded: ["✕ 没有读到", "✕ Could not be loaded"], trying: ["正在重试", "trying again"],
  stale: ["以下内容可能已过时", "What you see may be out of date"], since: ["最后更新", "last update"],
  fresh: ["正常", "fresh"], silent: ["静默", "silent"], empty: ["从无数据", "never any"], unknown: ["未知", "unknown"],
  waiting: ["待处理", "waiting"], total: ["共", "total"], shown: ["显示", "shown"],
  score: ["分数", "Score"], reasons: ["原因", "Reasons"], threats: ["风险", "Threats"], conversation: ["会话", "Conversation"],
  ticket: ["工单", "Ticket"], said: ["发生", "Said"], told: ["告警", "Told"], rule: ["规则", "Rule"], guards: ["已过的护栏", "Guards passed"],
  lead: ["提前", "Lead"], drill: ["演练", "Drill"], product: ["产品", "Product"], id: ["编号", "Id"],
  verdict_true: ["属实", "Right"], verdict_false: ["误报", "False alarm"], verdict_handled: ["已处理", "Handled"],
  ack: ["确认", "Acknowledge"], resolve: ["解决", "Resolve"], escalate: ["升级", "Escalate"], quiet: ["静默中", "Quiet"],
  done: ["✓ 已写入", "✓ Written"], failed: ["✕ 未写入", "✕ Not written"],
  open: ["待确认", "Open"], acked: ["已确认", "Acknowledged"], resolved: ["已解决", "Resolved"], closed: ["已关闭", "Closed"],
  due_in: ["还剩", "left"], overdue: ["已超", "over by"], paused: ["暂停", "paused"], member: ["条告警", "alert"], members: ["条告警", "alerts"],
  usual: ["平时", "usual"], nothing: ["无记录", "nothing recorded"], stale_tile: ["数据不可信", "not to be trusted"],
  key_move: ["在告警间移动", "Move between alerts"], key_levels: ["只看 潜在 / 明确 / 高危", "Potential / explicit / high risk only"],
  key_layout: ["方位或热度", "By place or by heat"], key_language: ["语言", "Language"], key_theme: ["深浅", "Light or dark"],
  key_wall: ["大屏", "Wall"], key_clear: ["清除筛选", "Clear filters"], key_arrows: ["在地区间移动", "Move between regions"],
  figures: ["指标", "Figures"], figure: ["指标", "Figure"], too_few: ["样本太少", "n too small"], median: ["中位", "median"], topics: ["评价话题", "Topics of answers"],
  touchpoint: ["触点", "By"], natures: ["投诉性质", "Complaints by nature"], nationwide: ["全国 2020 年", "whole country in 2020"],
  hot_words: ["热词", "Hot words"], hot: ["热", "hot"], new: ["新", "new"], theme: ["主题", "Theme"], customers: ["位客户", "customers"],
  conversations: ["个会话", "conversations"], until: ["截至", "until"], past_day: ["前 24 小时", "the 24 hours before"],
  none_words: ["近一小时没有常说的词", "No term was said often in the last hour"], no_words: ["还没有记录", "Nothing recorded yet"],
  surge: ["激增", "Surge"], learning: ["平时水平学习中", "learning what is usual"], complaints: ["投诉", "complaints"],
  runbooks: ["运行手册", "Runbooks"], backtests: ["规则回测", "Rule back-tests"], back: ["返回看板", "Back to the board"], choose_test: ["哪一次", "Which one"],
  past: ["◷ 历史，不是实时", "◷ The past, not live"], two_sides: ["两套规则", "Two packs"], version: ["版本", "Version"],
  before: ["原规则", "Before"], after: ["新规则", "After"], change: ["变化", "Change"], added: ["新增", "Added"], removed: ["减少", "Removed"],
  per_rule: ["按规则", "By rule"], per_day: ["按天和地区", "By day and region"], precision: ["准确率", "Precision"], recall: ["召回率", "Recall"],
  warned_ahead: ["高危提前预警", "High risk warned ahead"], median_lead: ["提前时间中位数", "Median lead time"], all_history: ["全部历史", "all history"],
  truth_note: ["数字是升到该等级的会话数。准确率和召回率只算已知真相的会话（标注或人工判定），括号里是数目。", "Conversations that rose to each level. Precision and recall are of conversations of which the truth is known (labels or verdicts), with their counts."],
  none_backtests: ["还没有保存的回测。在这里做一次，或用 tocsin backtest --save 保存一次。", "No back-test was saved yet. Start one here, or let tocsin backtest --save do it."],
  trial: ["做一次回测", "Start a back-test"], trial_pack: ["规则包", "Pack"], trial_files: ["改动的文件（YAML，盖住包里的同名文件）", "Changed files (YAML, over the pack's own of the same name)"],
  trial_history: ["历史", "History"], trial_since: ["从", "From"], trial_until: ["到", "To"], trial_start: ["开始", "Start"], trial_cancel: ["取消", "Cancel"],
  own_pack: ["看板自己的规则包", "the board's own pack"], pack_uploaded: ["只用上传的文件", "uploaded files alone"], kafka_history: ["消息系统里的历史", "what is on the topics"],
  too_large: ["文件太大：合起来最多 2 MiB。", "The files are too large: 2 MiB together."],
  trial_running: ["正在回测", "Running"], trial_kept: ["已完成，结果在下面", "Done; the result is below"], trial_refused: ["没有做成，请先改正：", "Not done; put this right first:"],
  trial_cancelled: ["已取消", "Cancelled"], trial_out_of_time: ["超时，已停止。请缩短时段。", "It took too long and was ended. Choose a shorter time."],
  trial_out_of_memory: ["内存不够，已停止。请缩短时段，或看规则是否写得太大。", "It needed too much memory and was ended. Choose a shorter time, or look whether the rules are too large."],
  trial_failed: ["程序出错，已记入日志，请告诉管理员。", "It failed; the log says how. Tell your administrator."],
  login_first: ["请先在看板登录。", "Log in on the board first."], failed_load: ["没有读到，请刷新。", "It could not be read; try again."],
  moment: ["时刻", "Moment"], to_now: ["回到现在", "Back to now"], past_board: ["过去的看板，不是现在：", "The board as it was, not as it is:"],
  no_past: ["时限和数据来源只有现在的状态，这里不显示。", "Deadlines and sources are known as they are now only, and not shown here."],
  ago_s: ["秒前", "s ago"], ago_m: ["分钟前", "min ago"], ago_h: ["小时前", "h ago"], hours: ["小时", "h"], minutes: ["分", "min"],
};

let language = "zh";
let names = {};

export function speak(chosen) { language = chosen; }
export function setNames(given) { names = given; }
export function word(key) { return (WORDS[key] ?? [key, key])[LANGUAGES.indexOf(language)]; }
export function nameOf(vocabulary, value) { return names[vocabulary]?.[value]?.[LANGUAGES.indexOf(language)] ?? value; }
// A title is written in Chinese, of the names of places, reasons and levels; each of them has an English one.
export function inLanguage(title) {
  if (language === "zh") return title;
  const english = new Map(Object.values(names).flatMap((values) => Object.values(values)));
  return title.split(" · ").map((part) => english.get(part) ?? part).join(" · ");
}
export function valuesOf(vocabulary) { return Object.keys(names[vocabulary] ?? {}); }

const CLOCK = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const DAYS = ["zh-CN", "en-GB"].map((locale) => new Intl.DateTimeFormat(locale, { timeZone: "Asia/Shanghai", month: "2-digit", day: "2-digit", weekday: "short" }));
export function clock(ms) { return CLOCK.format(ms); }
export function day(ms) { return DAYS[LANGUAGES.indexOf(language)].format(ms); }
export function ago(ms, now) {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  if (seconds < 90) return `${seconds} ${word("ago_s")}`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} ${word("ago_m")}`;
  return `${Math.round(seconds / 3600)} ${word("ago_h")}`;
}
export function span(ms) {
  const minutes = Math.floor(Math.abs(ms) / 60000);
  return minutes < 60 ? `${minutes}:${String(Math.floor(Math.abs(ms) / 1000) % 60).padStart(2, "0")}`
    : `${Math.floor(minutes / 60)} ${word("hours")} ${String(minutes % 60).padStart(2, "0")} ${word("minutes")}`;
}
export function count(n) { return n.toLocaleString("en-US"); }

// Rows: alerts with their evidence, incidents, deadlines. What can be done about them is what the role may.
import { byId, el, fill } from "./dom.js";
import { written } from "./figures.js";
import { SHAPES, chosen, seen, now, rank } from "./state.js";
import { ago, clock, count, day, inLanguage, nameOf, span, valuesOf, word } from "./words.js";

const OF_FIGURES = ["rate", "no_data", "score_fall"];
const THAT_END = ["surge", "outbreak", ...OF_FIGURES]; // they open, grow and are over: their first tag says which
const CHANGES = { opened: "▲", grown: "▲▲", resolved: "✓" };

let opened = "";

export function drawAlerts(act) {
  const list = byId("alert-list");
  const focused = document.activeElement?.closest?.("#alert-list > li")?.dataset.id;
  const rows = seen.alerts.map((alert) => alertRow(alert, act));
  fill(list, ...(rows.length ? rows : [el("li", { class: "empty" }, word("none_alerts"))]));
  byId("more").hidden = !seen.next;
  byId("alerts-sum").textContent = `${word("total")} ${count(seen.total)}${seen.next ? `，${word("shown")} ${count(seen.alerts.length)}` : ""}`;
  if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"] .row`)?.focus({ preventScroll: true });
}

export function closeDetail(act) { if (opened) { opened = ""; drawAlerts(act); return true; } return false; }

function badge(level) { return el("span", { class: `badge level-${level}` }, `${SHAPES[level]} ${nameOf("level", level)}`); }

function changeOf(alert) { return THAT_END.includes(alert.kind) ? (alert.tags ?? [])[0] : ""; }

// Which figure, what it is and what it was: `客诉率（次） 8.00 %（平时 2.00 %） n = 100`; of a silent channel nothing.
function figureOf(alert) {
  if (!OF_FIGURES.includes(alert.kind) || !valuesOf("figure").includes(alert.figure)) return "";
  const said = (value) => (value === undefined ? "" : written(alert.figure, value));
  const usual = alert.baseline === undefined ? "" : `（${word("usual")} ${said(alert.baseline)}）`;
  const n = alert.count ? `n = ${count(alert.count)}` : "";
  return [nameOf("figure", alert.figure), `${said(alert.value)}${usual}`, n].filter(Boolean).join(" ");
}

function alertRow(alert, act) {
  const isOver = changeOf(alert) === "resolved"; // good news: it has no level, whatever it had before
  const level = isOver ? "none" : alert.level ?? "none";
  const figure = figureOf(alert);
  const isOpen = opened === alert.id;
  const why = [...(alert.threats ?? []).map((threat) => nameOf("threat", threat)), ...new Set((alert.reasons ?? []).map((reason) => nameOf("reason", reason.l1)))];
  const toggle = () => { opened = isOpen ? "" : alert.id; drawAlerts(act); };
  return el("li", { "data-level": level, "data-id": alert.id },
    el("button", { type: "button", class: "row", "aria-expanded": String(isOpen), onclick: toggle },
      el("span", { class: "head" },
        el("time", { datetime: new Date(alert.emitted_at).toISOString(), title: day(alert.emitted_at) }, clock(alert.emitted_at)),
        level === "none" ? null : badge(level), el("b", {}, nameOf("region", alert.region) + (alert.city ?? "")),
        alert.channel ? el("span", {}, nameOf("channel", alert.channel)) : null,
        alert.kind !== "level_rise" ? el("span", { class: "badge" }, nameOf("kind", alert.kind)) : null,
        CHANGES[changeOf(alert)] ? el("span", {}, CHANGES[changeOf(alert)]) : null,
        isOver ? el("span", { class: "badge" }, word("resolved")) : null,
        alert.is_drill ? el("span", { class: "badge" }, word("drill")) : null,
        alert.kind === "outbreak" ? el("b", {}, (alert.keywords ?? []).join("、") || alert.product || "") : null,
        ["surge", "outbreak"].includes(alert.kind) && alert.baseline !== undefined ? el("span", {}, `${count(alert.count ?? 0)}（${word("usual")} ${alert.baseline.toFixed(1)}）`) : null,
        figure ? el("span", {}, figure) : null,
        el("span", {}, why.join(" · "))),
      shownQuote(alert)),
    isOpen ? detail(alert, act) : "");
}

function shownQuote(alert) {
  const quotes = alert.quotes ?? [];
  const best = quotes.findLast((quote) => quote.rule.startsWith("threat") && alert.level === "high_risk")
    ?? quotes.findLast((quote) => quote.rule.startsWith(`level.${alert.level}`)) ?? quotes.at(-1);
  return best ? el("span", { class: "quote" }, ...marked(best)) : null;
}

function marked(quote) {
  const chars = [...quote.text];
  const [start, end] = [quote.mark_start ?? 0, quote.mark_end ?? 0];
  const text = (from, to) => chars.slice(from, to).join("");
  return end > start ? ["“", text(0, start), el("mark", {}, text(start, end)), text(end), "”"] : ["“", quote.text, "”"];
}

function detail(alert, act) {
  const facts = [
    ["said", `${day(alert.occurred_at)} ${clock(alert.occurred_at)}`], ["told", `${clock(alert.emitted_at)}（${ago(alert.emitted_at, now())}）`],
    ["figure", figureOf(alert)], ["score", alert.score], ["conversation", alert.conversation_id], ["ticket", alert.ticket_id], ["product", alert.product],
    ["reasons", (alert.reasons ?? []).map((reason) => `${nameOf("reason", reason.l1)}${reason.l2 ? ` / ${nameOf("topic", reason.l2)}` : ""}`).join("，")],
    ["guards", (alert.guards ?? []).join("，")], ["lead", alert.lead_ms ? span(alert.lead_ms) : ""], ["rule", alert.rules_version], ["id", alert.id],
  ].filter(([, value]) => value !== undefined && value !== null && value !== "");
  return el("div", { class: "detail" },
    ...(alert.quotes ?? []).map((quote) => el("p", {}, el("span", { class: "quote" }, ...marked(quote)), el("span", { class: "soft" }, quote.rule))),
    el("dl", {}, ...facts.flatMap(([name, value]) => [el("dt", {}, word(name)), el("dd", {}, String(value))])),
    buttons(["true", "false_alarm", "handled"].map((verdict) => ({
      label: word({ true: "verdict_true", false_alarm: "verdict_false", handled: "verdict_handled" }[verdict]),
      asked: { action: "verdict", verdict, alert_id: alert.id, region: alert.region },
    })), act));
}

function buttons(choices, act) {
  const told = el("span", { role: "status" });
  const allowed = choices.filter((choice) => seen.me?.may.includes(choice.asked.action));
  if (!allowed.length) return "";
  return el("div", { class: "acts" }, ...allowed.map((choice) => el("button", {
    type: "button", "data-act": choice.asked.verdict ?? choice.asked.action,
    onclick: async () => { told.textContent = "…"; told.textContent = word((await act(choice.asked)) ? "done" : "failed"); },
  }, choice.label)), told);
}

export function drawIncidents(act) {
  const found = [...seen.incidents.values()].sort((a, b) => (a.state === "open" ? 0 : 1) - (b.state === "open" ? 0 : 1) || rank(b.level) - rank(a.level) || b.opened_at - a.opened_at);
  fill(byId("incident-list"), ...(found.length ? found.map((incident) => incidentRow(incident, act)) : [el("li", { class: "empty" }, word("none_incidents"))]));
  byId("incidents-sum").textContent = seen.incidentsTotal ? `${word("total")} ${count(seen.incidentsTotal)}` : "";
  byId("more-incidents").hidden = !seen.incidentsNext;
}

function incidentRow(incident, act) {
  const region = incident.regions[0] ?? "unknown";
  const acts = ["ack", "escalate", "resolve"].filter((action) => !chosen.at && (action !== "ack" || incident.state === "open"));
  return el("li", { "data-level": incident.level, "data-id": incident.id },
    el("div", { class: "head" }, incident.level === "none" ? "" : badge(incident.level), " ", el("b", {}, inLanguage(incident.title)), " ", el("span", { class: "badge" }, word(incident.state)),
      incident.is_quiet ? el("span", { class: "badge" }, word("quiet")) : "", incident.is_drill ? el("span", { class: "badge" }, word("drill")) : ""),
    el("div", { class: "soft" }, `${incident.regions.map((each) => nameOf("region", each)).join("，")} · ${count(incident.count)} ${word(incident.count === 1 ? "member" : "members")} · ${ago(incident.opened_at, now())}${incident.acked_by ? ` · ${incident.acked_by}` : ""}`),
    buttons(acts.map((action) => ({ label: word(action), asked: { action, incident_id: incident.id, region } })), act));
}

export function drawClocks() {
  const found = [...seen.clocks.values()].sort((a, b) => (a.due_at ?? Infinity) - (b.due_at ?? Infinity)).slice(0, 50);
  fill(byId("clock-list"), ...(found.length ? found.map(clockRow) : [el("li", { class: "empty" }, word("none_clocks"))]));
  byId("clocks-sum").textContent = seen.clocksTotal ? `${word("total")} ${count(seen.clocksTotal)}` : "";
}

function clockRow(each) {
  const left = each.due_at ? each.due_at - now() : null;
  const isLate = Boolean(each.breached_at) || (left !== null && left < 0);
  const text = left === null ? word("paused") : `${word(left < 0 ? "overdue" : "due_in")} ${span(left)}`;
  return el("li", { "data-level": isLate ? "high_risk" : "none" },
    el("b", {}, each.ticket_id), " ", el("span", { class: "soft" }, nameOf("clock", each.clock)), " ", el("span", { class: isLate ? "late" : "" }, text),
    ...(each.findings ?? []).flatMap((sign) => [" ", el("span", { class: "badge" }, nameOf("parking", sign))]));
}

export function moveBetweenAlerts(step) {
  const rows = [...document.querySelectorAll("#alert-list .row")];
  const at = rows.indexOf(document.activeElement);
  rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
}

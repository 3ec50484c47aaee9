// What the page shows and what is chosen. The choice lives in the URL, so that a link shows the same.
import { LANGUAGES } from "./words.js";

export const LEVELS = ["high_risk", "explicit", "potential"];
export const SHAPES = { none: "·", potential: "○", explicit: "△", high_risk: "■" };
export const SPANS = ["15m", "1h", "24h"];
export const LAYOUTS = ["place", "heat"];
const AT_MAX = 8.64e15 - 8 * 3600000; // the last moment that a date of JavaScript can say in China's time
const RANK = { none: 0, potential: 1, explicit: 2, high_risk: 3 };

export const chosen = read();
export const seen = { tiles: new Map(), alerts: [], total: 0, next: "", incidents: new Map(), incidentsTotal: 0, incidentsNext: "", clocks: new Map(), clocksTotal: 0, clocksNext: "", words: null, figures: null, natures: null, status: null, me: null, offset: 0 };

function read() {
  const url = new URLSearchParams(location.search);
  const one = (name, values, fallback) => (values.includes(url.get(name)) ? url.get(name) : fallback);
  return {
    levels: new Set((url.get("level") ?? "").split(",").filter((level) => LEVELS.includes(level))),
    reason: url.get("reason") ?? "", region: url.get("region") ?? "",
    span: one("span", SPANS, "1h"), layout: one("layout", LAYOUTS, matchMedia("(max-width: 56rem)").matches ? "heat" : "place"),
    language: one("lang", LANGUAGES, "zh"), theme: one("theme", ["light", "dark"], ""), wall: url.get("wall") === "1",
    at: moment(url.get("at")), // a past moment; 0 is now
  };
}

function moment(text) {
  const at = Number.parseInt(text ?? "", 10);
  return at > 0 && at <= AT_MAX ? at : 0;
}

// A link of another time, or written by hand, may name what there is not: nothing would ever match it.
export function drop(name, values) { if (chosen[name] && !values.includes(chosen[name])) { chosen[name] = ""; write(); } }

export function write() {
  const url = new URLSearchParams();
  if (chosen.levels.size) url.set("level", LEVELS.filter((level) => chosen.levels.has(level)).join(","));
  for (const name of ["reason", "region", "theme"]) if (chosen[name]) url.set(name, chosen[name]);
  if (chosen.span !== "1h") url.set("span", chosen.span);
  url.set("layout", chosen.layout);
  if (chosen.language !== "zh") url.set("lang", chosen.language);
  if (chosen.wall) url.set("wall", "1");
  if (chosen.at) url.set("at", String(chosen.at));
  history.replaceState(null, "", `?${url}`);
}

export function wants(alert) {
  return (!chosen.levels.size || chosen.levels.has(alert.level ?? "none"))
    && (!chosen.region || alert.region === chosen.region)
    && (!chosen.reason || (alert.reasons ?? []).some((reason) => reason.l1 === chosen.reason));
}

export function wantsIncident(incident) {
  return ["open", "acked"].includes(incident.state) && (!chosen.levels.size || chosen.levels.has(incident.level))
    && (!chosen.region || incident.regions.includes(chosen.region)) && (!chosen.reason || incident.reasons.includes(chosen.reason));
}

export function filterQuery() {
  const url = new URLSearchParams();
  if (chosen.levels.size) url.set("level", [...chosen.levels].join(","));
  if (chosen.reason) url.set("reason", chosen.reason);
  if (chosen.region) url.set("region", chosen.region);
  return url;
}

// Where the chosen moment's answers are asked for.
export function api(what, query = new URLSearchParams()) {
  if (!chosen.at) return `/api/${what}?${query}`;
  query.set("at", String(chosen.at));
  return `/api/past/${what}?${query}`;
}

// Conversations of a tile that rose to each level, under the chosen span, levels and reason.
export function counts(tile) {
  const sum = tile?.spans?.[chosen.span] ?? {};
  const found = {};
  for (const level of LEVELS) {
    if (chosen.levels.size && !chosen.levels.has(level)) continue;
    const n = chosen.reason ? sum.reasons?.[`${level}/${chosen.reason}`] : sum.alerts?.[level];
    if (n) found[level] = n;
  }
  return found;
}

// Complaints of a tile against what its span should have; null while that is not known.
export function ratio(tile) {
  const sum = tile?.spans?.[chosen.span];
  return sum?.usual === undefined || sum.usual === null ? null : (sum.complaints ?? 0) / Math.max(sum.usual, 0.5);
}

export function highest(found) { return LEVELS.find((level) => found[level]) ?? "none"; }
export function weight(found) { return (found.high_risk ?? 0) * 9 + (found.explicit ?? 0) * 3 + (found.potential ?? 0); }
export function now() { return chosen.at || Date.now() + seen.offset; }
export function rank(level) { return RANK[level] ?? 0; }

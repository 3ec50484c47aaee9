// Figures of the chosen region, or of all: the last 24 hours, each with its n; what is not known is grey, never nought.
import { byId, el, fill } from "./dom.js";
import { chosen, seen } from "./state.js";
import { clock, count, nameOf, word } from "./words.js";

const PERCENT = new Set(["csat", "complaint_rate_a", "dissatisfied_rate_a", "complaint_rate_b", "dissatisfied_rate_b", "saved", "repeat_contact", "warned_ahead", "sla_attainment", "pause_share", "occupancy", "promise_kept", "upsell"]);
const POINTS = new Set(["nps", "sentiment"]);
const STEPS = new Set(["ces", "review"]);
const OF_TIME = new Set(["occupancy", "pause_share"]);

export function drawFigures() {
  const figures = seen.figures;
  fill(byId("figure-list"), ...(figures?.figures ?? []).map(figureRow));
  const place = chosen.region ? nameOf("region", chosen.region) : word("all");
  byId("figures-sum").textContent = `${place} · ${word("24h")}${figures?.until ? ` · ${word("until")} ${clock(figures.until)}` : ` · ${word("nothing")}`}`;
  const topics = (figures?.topics ?? []).map((topic) => `${nameOf("topic", topic.reason)} ${count(topic.n)}（${feeling(topic.feeling)}）`);
  fill(byId("figure-voice"), ...(figures?.voice ?? []).map(voiceRow));
  const natures = (seen.natures?.natures ?? []).map((each) => `${nameOf("nature", each.nature)} ${share(each.share)}${each.nationwide_share ? `（${word("nationwide")} ${share(each.nationwide_share)}）` : ""}`);
  const complaints = seen.natures?.n ?? 0;
  fill(byId("figure-natures"), ...(complaints ? [el("li", {}, `${word("natures")}：${natures.join("、") || word("too_few")} · n = ${count(complaints)}`)] : []));
  fill(byId("figure-topics"), ...(topics.length ? [el("li", {}, `${word("topics")}：${topics.join("、")}`)] : []));
}

// Where somebody was asked, or about which product: a line for each, with every score that has answers.
function voiceRow(part) {
  const name = part.kind === "touchpoint" ? nameOf("touchpoint", part.name) : part.name;
  const scores = part.figures.map((figure) => {
    const isShown = figure.standing === "shown";
    const said = isShown ? written(figure.name, figure.value) : word("too_few");
    return el("span", { class: isShown ? "score" : "score soft" }, `${nameOf("figure", figure.name)} `, isShown ? el("b", {}, said) : said, ` n = ${count(figure.n)} `, isShown ? curve(figure) : "");
  });
  return el("li", { "data-voice": `${part.kind}:${part.name}` }, el("span", { class: "name" }, `${word(part.kind)} ${name}`), ...scores);
}

function figureRow(figure) {
  const isShown = figure.standing === "shown";
  const n = `n = ${count(figure.n ?? 0)}${OF_TIME.has(figure.name) ? " h" : ""}`;
  const said = isShown ? written(figure.name, figure.value) : word(figure.standing === "few" ? "too_few" : "nothing");
  const more = isShown && figure.median !== undefined ? `${word("median")} ${time(figure.median)} · ${figure.p10 !== undefined ? `P10 ${time(figure.p10)}` : `P90 ${time(figure.p90)}`}` : "";
  return el("li", { "data-standing": figure.standing, "data-figure": figure.name },
    el("span", { class: "name" }, nameOf("figure", figure.name)), el("b", {}, said),
    el("span", { class: "soft" }, [n, more].filter(Boolean).join(" · ")), isShown ? curve(figure) : "");
}

// The last 24 hours as blocks of eight heights: text, so that no style is written into the page.
function curve(figure) {
  const known = figure.hours.filter((value) => value !== null);
  if (known.length < 2) return "";
  const low = Math.min(...known), high = Math.max(...known);
  const text = figure.hours.map((value) => (value === null ? "·" : "▁▂▃▄▅▆▇█"[high > low ? Math.round((7 * (value - low)) / (high - low)) : 3])).join("");
  const said = figure.hours.map((value) => (value === null ? "—" : written(figure.name, value))).join(" ");
  return el("span", { class: "bars", role: "img", "aria-label": `${word("24h")}: ${said}` }, text);
}

export function written(name, value) {
  if (PERCENT.has(name) && !value) return "0 %";
  if (PERCENT.has(name)) return `${(100 * value).toFixed(value < 0.1 ? 2 : 1)} %`;
  if (POINTS.has(name)) return `${value > 0 ? "+" : ""}${Math.round(100 * value)}`;
  return STEPS.has(name) ? value.toFixed(2) : time(value);
}

function time(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function share(value) { return `${(100 * value).toFixed(1)} %`; }
function feeling(value) { return `${value > 0 ? "+" : ""}${Math.round(100 * value)}`; }

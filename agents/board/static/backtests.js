// The page of back-tests: two rule packs over the same history, side by side. Nothing on it is live.
import { byId, el, fill, options } from "./dom.js";
import { LEVELS, SHAPES } from "./state.js";
import { drawTrial, wireTrials } from "./trials.js";
import { LANGUAGES, clock, count, day, nameOf, setNames, span, speak, word } from "./words.js";

const ROWS_MAX = 300; // of each list; the command has them all
const url = new URLSearchParams(location.search);
const chosen = { id: url.get("id") ?? "", language: LANGUAGES.includes(url.get("lang")) ? url.get("lang") : "zh", theme: url.get("theme") };
let listed = [];
let shown = null;
let problem = "";

async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status === 401 ? "login_first" : "failed_load");
  return answer.json();
}

function write() {
  const query = new URLSearchParams();
  if (chosen.id) query.set("id", chosen.id);
  if (chosen.language !== "zh") query.set("lang", chosen.language);
  if (chosen.theme) query.set("theme", chosen.theme);
  history.replaceState(null, "", `?${query}`);
}

function moment(ms) { return `${day(ms)} ${clock(ms)}`; }
function period({ since, until }) { return `${since ? moment(since) : word("all_history")} – ${moment(until)}`; }
function signed(n) { return n > 0 ? `+${count(n)}` : n < 0 ? `−${count(-n)}` : "0"; }
function share(part, whole) { return whole ? `${(100 * part / whole).toFixed(1)} %（${count(part)}/${count(whole)}）` : "—"; }

function table(place, head, rows) {
  const box = byId(place);
  box.hidden = !rows.length;
  const cells = (row) => row.map((each, index) => (index ? el("td", {}, each) : el("th", { scope: "row" }, each)));
  fill(box.querySelector("table"), el("thead", {}, el("tr", {}, ...head.map((each) => el("th", { scope: "col" }, each)))), el("tbody", {}, ...rows.map((row) => el("tr", {}, ...cells(row)))));
}

function drawSides({ before, after }) {
  const rows = [[word("version"), before.version, after.version, ""]];
  for (const level of LEVELS) {
    const [old, now] = [before, after].map((side) => side.levels[level] ?? 0);
    if (old || now) rows.push([`${SHAPES[level]} ${nameOf("level", level)}`, count(old), count(now), signed(now - old)]);
  }
  rows.push([word("warned_ahead"), ...[before, after].map(({ lead }) => share(lead.warned_ahead, lead.high_risk)), ""]);
  rows.push([word("median_lead"), ...[before, after].map(({ lead }) => (lead.median_ms === null ? "—" : span(lead.median_ms))), ""]);
  if (before.quality && after.quality) {
    rows.push([word("precision"), ...[before, after].map(({ quality }) => share(quality.right, quality.told)), ""]);
    rows.push([word("recall"), ...[before, after].map(({ quality }) => share(quality.right, quality.complaints)), ""]);
  }
  table("sides", ["", word("before"), word("after"), word("change")], rows);
}

function changes(each) { return [count(each.before), count(each.after), signed(each.added), signed(-each.removed)]; }

function drawTold(place, told) {
  byId(place).hidden = !told.length;
  byId(place).querySelector("small").textContent = `${count(told.length)}${told.length > ROWS_MAX ? `，${word("shown")} ${count(ROWS_MAX)}` : ""}`;
  fill(byId(place).querySelector("ul"), ...told.slice(0, ROWS_MAX).map((each) => el("li", { "data-level": each.level },
    el("div", { class: "head" }, el("span", { class: `badge level-${each.level}` }, `${SHAPES[each.level]} ${nameOf("level", each.level)}`), ` ${nameOf("region", each.region)} `, el("time", { class: "soft" }, moment(each.at_ms)), ` ${each.conversation_id}`),
    el("span", { class: "quote" }, each.text || "—"), el("span", { class: "soft" }, each.rule))));
}

function draw() {
  speak(chosen.language);
  document.documentElement.lang = chosen.language === "zh" ? "zh-CN" : "en";
  if (chosen.theme) document.documentElement.dataset.theme = chosen.theme;
  document.title = `${word("backtests")} Tocsin`;
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = word(place.dataset.word);
  for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", word(place.dataset.label));
  byId("language").textContent = word("language");
  byId("language").lang = chosen.language === "zh" ? "en" : "zh-CN";
  byId("back").href = chosen.language === "zh" ? "/" : `/?lang=${chosen.language}`;
  options(byId("chosen"), listed.map((each) => [each.id, `${moment(each.made_at)} · ${each.before} → ${each.after} · ${period(each)}`]), chosen.id);
  byId("chosen").closest("form").hidden = !listed.length;
  byId("problem").hidden = !problem;
  byId("problem").textContent = problem ? word(problem) : "";
  drawTrial();
  if (!shown) return;
  drawSides(shown.report);
  const head = [word("before"), word("after"), word("added"), word("removed")];
  table("rules", [word("rule"), ...head], shown.report.rules.slice(0, ROWS_MAX).map((each) => [each.rule || "—", ...changes(each)]));
  table("days", [word("region"), ...head], shown.report.days.slice(0, ROWS_MAX).map((each) => [`${each.day} ${nameOf("region", each.region)}`, ...changes(each)]));
  drawTold("added", shown.report.added);
  drawTold("removed", shown.report.removed);
}

async function load() {
  try {
    shown = chosen.id ? await get(`/api/backtests/${encodeURIComponent(chosen.id)}`) : null;
    problem = chosen.id ? "" : "none_backtests";
  } catch (error) { shown = null; problem = error.message; }
  for (const place of document.querySelectorAll("main section:not(#trial)")) place.hidden = true;
  draw();
}

async function start() {
  draw();
  byId("language").addEventListener("click", () => { chosen.language = chosen.language === "zh" ? "en" : "zh"; write(); draw(); });
  byId("chosen").addEventListener("change", (changed) => { chosen.id = changed.target.value; write(); load(); });
  try {
    setNames(await get("/api/names"));
  } catch (error) { problem = error.message; draw(); return; }
  wireTrials((id) => list(id));
  await list(chosen.id);
}

async function list(id) {
  try {
    listed = await get("/api/backtests");
  } catch (error) { problem = error.message; draw(); return; }
  chosen.id = listed.some((each) => each.id === id) ? id : listed[0]?.id ?? "";
  write();
  await load();
}

start();

// The page: loads what is there, listens for what changes, says so when it no longer hears anything.
import { byId, el, fill, options } from "./dom.js";
import { drawFigures } from "./figures.js";
import { drawWords } from "./hotwords.js";
import { askLogin, post, wireLogin } from "./login.js";
import { cut, letGo, put, putPageOfClocks, putTotalOfIncidents } from "./picture.js";
import { closeDetail, drawAlerts, drawClocks, drawIncidents, moveBetweenAlerts } from "./rows.js";
import { LEVELS, SHAPES, SPANS, api, chosen, drop, filterQuery, now, seen, write } from "./state.js";
import { drawTiles, moveBetweenTiles } from "./tiles.js";
import { ago, clock, count, day, nameOf, setNames, speak, valuesOf, word } from "./words.js";

const SILENT_MS = 7000; // the server speaks every two seconds
const FIGURES_MS = 5000;
const TOTALS_MS = 5000;
const SLIDE_MS = 60000;
const CLOCKS = "/api/clocks?limit=200";
let heardAt = Date.now();
let stream = null;
let loading = 0;
let figuresDue = 0;
let totalsDue = 0;
const doubtful = new Set(); // lists whose totals are to be asked for
let problem = ""; // why the last load failed, though the board answers

async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (answer.status === 401) { stream?.close(); askLogin((await answer.text()).trim().split(" ")); throw new Error("not logged in"); }
  if (!answer.ok) throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status, said: (await answer.text()).trim() });
  return answer.json();
}

async function act(asked) {
  try {
    const answer = await post("/api/actions", { action_id: `board:${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`, ...asked });
    return answer.ok;
  } catch { return false; }
}

async function load() {
  const turn = ++loading;
  try {
    if (chosen.at) { await loadPast(turn); noteProblem(turn, ""); return; }
    const query = filterQuery();
    const [tiles, alerts, incidents, clocks, words, figures, natures, status] = await Promise.all([get("/api/regions"), get(`/api/alerts?${query}`), get(`/api/incidents?${query}`), get(CLOCKS), get(placed("words")), get(placed("figures")), get(placed("natures")), get("/api/status")]);
    if (turn !== loading) return; // a newer choice is on its way
    seen.tiles = new Map(tiles.map((tile) => [tile.region, tile]));
    Object.assign(seen, { alerts: alerts.items, total: alerts.total, next: alerts.next });
    seen.incidents = new Map(incidents.items.map((each) => [each.id, each]));
    Object.assign(seen, { incidentsTotal: incidents.total, incidentsNext: incidents.next });
    putPageOfClocks(clocks);
    Object.assign(seen, { words, figures, natures });
    noteStatus(status);
    problem = "";
    draw();
  } catch (error) {
    // What was asked wrongly will be wrong again; anything else may pass.
    if (error.status === 400) noteProblem(turn, error.said);
    else if (turn === loading && !byId("login").open) {
      if (error.status) noteProblem(turn, word("trying"));
      setTimeout(() => turn === loading && load(), 3000);
    }
  }
}

function noteProblem(turn, said) { if (turn === loading) { problem = said; drawTrust(); } }

function placed(what) { return api(what, new URLSearchParams(chosen.region ? { region: chosen.region } : {})); }

// As it was: deadlines have no past, and nothing is listened to.
async function loadPast(turn) {
  const [tiles, alerts, incidents, words, figures, natures] = await Promise.all([get(api("regions")), get(api("alerts", filterQuery())), get(api("incidents", filterQuery())), get(placed("words")), get(placed("figures")), get(placed("natures"))]);
  if (turn !== loading) return;
  seen.tiles = new Map(tiles.map((tile) => [tile.region, tile]));
  seen.incidents = new Map(incidents.items.map((each) => [each.id, each]));
  Object.assign(seen, { incidentsTotal: incidents.total, incidentsNext: incidents.next });
  Object.assign(seen, { alerts: alerts.items, total: alerts.total, next: alerts.next, words, figures, natures, status: { trust: "past", now: chosen.at, sources: [] } });
  draw();
}

async function loadWords() {
  const turn = loading;
  const words = await get(placed("words"));
  if (turn === loading) { seen.words = words; drawWords(); }
}

// Every region's figures change within the same minute: one look at all of them is enough.
function figuresChanged() {
  if (!figuresDue) figuresDue = setTimeout(() => { figuresDue = 0; loadFigures(); }, FIGURES_MS);
}

async function loadFigures() {
  const turn = loading;
  const [figures, natures] = await Promise.all([get(placed("figures")), get(placed("natures"))]);
  if (turn === loading) { Object.assign(seen, { figures, natures }); drawFigures(); }
}

function totalsDoubted(lists) {
  for (const name of lists) doubtful.add(name);
  if (doubtful.size && !totalsDue) totalsDue = setTimeout(() => { totalsDue = 0; loadTotals().catch(() => {}); }, TOTALS_MS); // else within the minute
}

async function loadTotals() {
  const turn = loading, counted = seen.total, asked = new Set(doubtful), query = filterQuery();
  doubtful.clear();
  query.set("limit", "0");
  const of = (name, path) => (asked.has(name) ? get(path) : null);
  const [alerts, incidents, clocks] = await Promise.all([of("alerts", `/api/alerts?${query}`), of("incidents", `/api/incidents?${query}`), of("clocks", CLOCKS)]);
  if (turn !== loading) return;
  if (alerts && seen.total !== counted) totalsDoubted(["alerts"]); // one came in meanwhile
  else if (alerts) { seen.total = alerts.total; drawAlerts(act); }
  if (incidents) { putTotalOfIncidents(incidents.total); drawIncidents(act); }
  if (clocks) { putPageOfClocks(clocks); drawClocks(); }
}

async function loadEarlier() {
  const query = filterQuery();
  query.set("before", seen.next);
  const page = await get(api("alerts", query));
  seen.alerts.push(...page.items);
  seen.next = page.next;
  drawAlerts(act);
}

async function loadIncidents() {
  const query = filterQuery();
  query.set("offset", seen.incidentsNext);
  const page = await get(api("incidents", query));
  for (const each of page.items) seen.incidents.set(each.id, each);
  seen.incidentsNext = page.next;
  drawIncidents(act);
}

function listen() {
  stream?.close();
  stream = new EventSource("/api/events");
  const on = (name, take) => stream.addEventListener(name, (message) => { heardAt = Date.now(); take(JSON.parse(message.data)); });
  stream.addEventListener("open", load); // also after every reconnect: what was missed is loaded, never guessed
  stream.addEventListener("error", () => { drawTrust(); if (stream.readyState === EventSource.CLOSED) setTimeout(start, 3000); });
  on("status", (status) => { noteStatus(status); drawTrust(); drawSources(); });
  on("tiles", (tiles) => { for (const tile of tiles) seen.tiles.set(tile.region, tile); drawTiles(chooseRegion); });
  on("reload", load);
  on("update", take);
}

function take(update) {
  const { drawn, doubted } = put(update);
  if (drawn.has("alerts")) drawAlerts(act);
  if (drawn.has("incidents")) drawIncidents(act);
  if (drawn.has("clocks")) drawClocks();
  if (doubted.size) totalsDoubted(doubted);
  if (update.words?.includes(chosen.region || "all")) loadWords();
  if (update.figures && (!chosen.region || update.figures.includes(chosen.region))) figuresChanged();
}

// A day slides on although nothing happens.
function slide() {
  if (chosen.at) return;
  if (letGo()) drawAlerts(act);
  totalsDoubted(cut());
}

function noteStatus(status) { seen.status = status; seen.offset = status.now - Date.now(); heardAt = Date.now(); }

function drawTrust() {
  const isCut = !chosen.at && Date.now() - heardAt > SILENT_MS;
  const trust = isCut ? "offline" : problem ? "not_loaded" : chosen.at ? "past" : seen.status?.trust ?? "loading";
  const place = byId("trust");
  if (place.dataset.trust !== trust || trust === "loading") {
    place.dataset.trust = trust;
    place.textContent = word(trust) + (trust === "loading" && seen.status?.to_load ? ` ${count(seen.status.to_load)}` : "");
  }
  const banner = byId("stale");
  byId("past").hidden = !chosen.at;
  byId("past-moment").textContent = chosen.at ? `${word("past_board")} ${day(chosen.at)} ${clock(chosen.at)} UTC+8` : "";
  const isStale = !["live", "behind", "past"].includes(trust);
  const since = isCut ? heardAt + seen.offset : trust === "no_worker" ? seen.status?.ticked_at : seen.status?.heard_at;
  const text = trust === "not_loaded" ? `${word(trust)}：${problem}` : `${word(trust)} — ${word("stale")}${since ? `（${word("since")} ${clock(since)}，${ago(since, now())}）` : ""}`;
  if (isStale && trust !== "loading") { if (banner.textContent !== text) banner.textContent = text; }
  const wasHidden = banner.hidden;
  banner.hidden = !isStale || trust === "loading";
  if (wasHidden !== banner.hidden) { if (isCut) seen.status = { ...seen.status, trust: "offline" }; drawTiles(chooseRegion); }
  byId("time").textContent = `${day(now())} ${clock(now())} UTC+8`;
}

function drawSources() {
  const isCut = !chosen.at && Date.now() - heardAt > SILENT_MS;
  fill(byId("sources"), ...(seen.status?.sources ?? []).map((source) => {
    const flow = isCut ? "unknown" : source.flow;
    const waiting = source.waiting ? ` · ${word("waiting")} ${count(source.waiting)}` : "";
    return el("li", { "data-flow": flow }, el("span", {}, source.topic), el("span", {}, `${word(flow)}${source.newest_at ? ` · ${ago(source.newest_at, now())}` : ""}${waiting}`));
  }));
}

function draw() {
  drawTrust(); drawTiles(chooseRegion); drawAlerts(act); drawIncidents(act); drawClocks(); drawWords(); drawFigures(); drawSources();
}

// The same region, as curves.
function drawGrafana() {
  const link = byId("grafana");
  link.hidden = !seen.me?.grafana_url;
  if (!link.hidden) link.href = seen.me.grafana_url + (chosen.region ? `/d/tocsin-region?var-region=${chosen.region}` : "/d/tocsin-overview");
}

function drawFrame() {
  speak(chosen.language);
  drawGrafana();
  document.documentElement.lang = chosen.language === "zh" ? "zh-CN" : "en";
  document.documentElement.toggleAttribute("data-wall", chosen.wall);
  if (chosen.theme) document.documentElement.dataset.theme = chosen.theme;
  document.title = `${word("title")} Tocsin`;
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = word(place.dataset.word);
  for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", word(place.dataset.label));
  byId("legend").textContent = word("legend");
  const isDark = chosen.theme ? chosen.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  byId("theme").textContent = word(isDark ? "theme_light" : "theme_dark");
  byId("language").textContent = word("language");
  byId("language").lang = chosen.language === "zh" ? "en" : "zh-CN";
  byId("wall").textContent = word("wall");
  byId("wall").setAttribute("aria-pressed", String(chosen.wall));
  byId("help").setAttribute("aria-label", word("keys"));
  byId("logout").textContent = word("logout");
  byId("clear").textContent = word("clear");
  byId("more").textContent = word("more");
  byId("now").textContent = word("to_now");
  byId("moment").value = chosen.at ? new Date(chosen.at + 8 * 3600000).toISOString().slice(0, 16) : "";
  document.documentElement.toggleAttribute("data-past", Boolean(chosen.at));
  byId("more-incidents").textContent = word("more_incidents");
  const legend = byId("levels").querySelector("legend");
  fill(byId("levels"), legend, ...LEVELS.map((level) => el("button", {
    type: "button", "data-level": level, "aria-pressed": String(chosen.levels.has(level)), onclick: () => chooseLevel(level),
  }, `${SHAPES[level]} ${nameOf("level", level)}`)));
  options(byId("reason"), [["", word("all")], ...valuesOf("reason").map((each) => [each, nameOf("reason", each)])], chosen.reason);
  options(byId("region"), [["", word("all")], ...valuesOf("region").map((each) => [each, nameOf("region", each)])], chosen.region);
  options(byId("span"), SPANS.map((each) => [each, word(each)]), chosen.span);
  options(byId("layout"), [["place", word("by_place")], ["heat", word("by_heat")]], chosen.layout);
  const keys = [["j / k", "key_move"], ["1 2 3", "key_levels"], ["← ↑ ↓ →", "key_arrows"], ["g", "key_layout"], ["l", "key_language"], ["t", "key_theme"], ["w", "key_wall"], ["Esc", "key_clear"]];
  fill(byId("key-list"), ...keys.flatMap(([key, text]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, word(text))]));
}

function change(isNarrower) { write(); drawFrame(); if (isNarrower) load(); else draw(); }
function chooseRegion(region) { chosen.region = chosen.region === region ? "" : region; change(true); }
function chooseLevel(level) { if (!chosen.levels.delete(level)) chosen.levels.add(level); change(true); }
function clearChoice() { chosen.levels.clear(); chosen.reason = chosen.region = ""; change(true); }
// The wall clock of China, whatever zone the reader sits in.
function chooseMoment(text) {
  const at = text ? Date.parse(`${text}:00+08:00`) : 0;
  if (Number.isNaN(at) || at === chosen.at) return;
  chosen.at = at; write(); location.reload();
}
function turnTheme() {
  const isDark = chosen.theme ? chosen.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  chosen.theme = isDark ? "light" : "dark"; change(false);
}
function turnLanguage() { chosen.language = chosen.language === "zh" ? "en" : "zh"; change(false); }
function turnLayout() { chosen.layout = chosen.layout === "place" ? "heat" : "place"; change(false); }
function turnWall() { chosen.wall = !chosen.wall; change(false); }

function wire() {
  for (const name of ["reason", "region"]) byId(name).addEventListener("change", (changed) => { chosen[name] = changed.target.value; change(true); });
  for (const name of ["span", "layout"]) byId(name).addEventListener("change", (changed) => { chosen[name] = changed.target.value; change(false); });
  for (const [id, does] of [["language", turnLanguage], ["theme", turnTheme], ["wall", turnWall], ["clear", clearChoice], ["more", loadEarlier], ["more-incidents", loadIncidents]]) byId(id).addEventListener("click", does);
  byId("help").addEventListener("click", () => byId("keys").showModal());
  wireLogin(start);
  byId("filters").addEventListener("submit", (submitted) => submitted.preventDefault());
  byId("moment").addEventListener("change", (changed) => chooseMoment(changed.target.value));
  byId("now").addEventListener("click", () => chooseMoment(""));
  document.addEventListener("keydown", press);
  setInterval(() => { drawTrust(); drawSources(); drawClocks(); }, 1000);
  setInterval(slide, SLIDE_MS);
}

function press(pressed) {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.target.closest("input, select, dialog")) return;
  const does = { 1: () => chooseLevel("potential"), 2: () => chooseLevel("explicit"), 3: () => chooseLevel("high_risk"), j: () => moveBetweenAlerts(1), k: () => moveBetweenAlerts(-1), g: turnLayout, l: turnLanguage, t: turnTheme, w: turnWall, "?": () => byId("keys").showModal(), Escape: () => closeDetail(act) || clearChoice() }[pressed.key];
  if (does) { pressed.preventDefault(); does(); }
  else if (pressed.key.startsWith("Arrow") && moveBetweenTiles(pressed.key)) pressed.preventDefault();
}

async function start() {
  try {
    setNames(await get("/api/names"));
    for (const name of ["reason", "region"]) drop(name, valuesOf(name));
    drawFrame();
    seen.me = await get("/api/me");
    byId("logout").hidden = !seen.me.can_log_out;
    drawGrafana();
    if (chosen.at) load(); else listen();
  } catch {
    if (!byId("login").open) { drawTrust(); setTimeout(start, 3000); }
  }
}

drawFrame();
wire();
start();

// Starting a back-test: what is chosen, how far it is, and what its pack was refused for.
import { byId, el, fill, options } from "./dom.js";
import { post } from "./login.js";
import { count, word } from "./words.js";

const ASKED_MS = 1000;
const BYTES_MAX = 2 * 1024 * 1024; // the server takes no more
const DAY_MS = 24 * 3600 * 1000;
const CHINA_MS = 8 * 3600 * 1000;
let view = null;
let told = ""; // of a try that did not even start
let timer = 0;
let drawn = "";
let onKept = () => {};

// The wall clock of China, whatever zone the reader sits in.
function written(ms) { return new Date(ms + CHINA_MS).toISOString().slice(0, 16); }
function meant(text) { return text ? Date.parse(`${text}:00+08:00`) : Number.NaN; }

async function look() {
  clearTimeout(timer);
  try {
    const answer = await fetch("/api/backtests/run", { headers: { Accept: "application/json" } });
    if (answer.ok) note(await answer.json());
  } catch { timer = setTimeout(look, ASKED_MS); } // the board is away: it may come back
}

function note(found) {
  const wasRunning = view?.last?.phase === "running";
  view = found;
  drawTrial();
  if (view.last?.phase === "running") timer = setTimeout(look, ASKED_MS);
  else if (wasRunning && view.last?.phase === "kept") onKept(view.last.backtest_id);
}

async function send(path, body) {
  byId("go").disabled = true;
  try {
    const answer = await post(path, body);
    told = answer.ok ? "" : answer.status === 413 ? word("too_large") : (await answer.text()).trim();
    if (answer.ok) note(await answer.json());
  } catch { told = word("failed"); }
  byId("go").disabled = false;
  drawTrial();
}

async function start(submitted) {
  submitted.preventDefault();
  const chosen = [...byId("files").files];
  if (chosen.reduce((sum, file) => sum + file.size, 0) > BYTES_MAX) { told = word("too_large"); drawTrial(); return; }
  const files = {};
  for (const file of chosen) files[file.name] = await file.text();
  const pack = byId("pack").value;
  await send("/api/backtests/run", {
    pack: pack === "uploaded" ? null : pack.slice(1), files, recording: byId("recording").value,
    since: meant(byId("since").value), until: meant(byId("until").value),
  });
}

// Only when they are others: a list that is drawn anew closes under the hand of whoever chooses.
function drawChoices() {
  const now = JSON.stringify([view.packs, view.recordings, word("kafka_history")]);
  if (now === drawn) return;
  drawn = now;
  // A name may be anything: each value but that of "none" has a sign before it.
  options(byId("pack"), [...view.packs.map((name) => [`/${name}`, name || word("own_pack")]), ["uploaded", word("pack_uploaded")]], byId("pack").value || "/");
  options(byId("recording"), [["", word("kafka_history")], ...view.recordings.map((name) => [name, name])], byId("recording").value);
}

export function drawTrial() {
  const place = byId("trial");
  place.hidden = !view?.may_start && !view?.last;
  if (place.hidden) return;
  byId("trial-form").hidden = !view.may_start;
  drawChoices();
  if (!byId("until").value) { byId("until").value = written(Date.now()); byId("since").value = written(Date.now() - DAY_MS); }
  const last = view.last;
  const isRunning = last?.phase === "running";
  byId("go").hidden = isRunning;
  byId("cancel").hidden = !isRunning || !view.may_start;
  byId("bar").hidden = !isRunning;
  if (last?.total) { byId("bar").max = last.total; byId("bar").value = Math.min(last.done, last.total); } else byId("bar").removeAttribute("value");
  const far = isRunning && last.total ? ` ${count(last.done)} / ${count(last.total)}` : "";
  const state = last ? `${word(`trial_${last.phase}`)}${far}（${last.started_by}）` : "";
  if (byId("trial-state").textContent !== state) byId("trial-state").textContent = state;
  const problems = told ? [told] : last?.problems ?? [];
  byId("problems").hidden = !problems.length;
  fill(byId("problems"), ...problems.map((each) => el("li", {}, each)));
}

export function wireTrials(kept) {
  onKept = kept;
  byId("trial-form").addEventListener("submit", start);
  byId("cancel").addEventListener("click", () => send("/api/backtests/cancel", {}));
  look();
}

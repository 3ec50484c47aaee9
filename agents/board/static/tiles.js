// The regions: as a grid that roughly follows the map (there is no map), or in order of heat.
import { byId, el, fill } from "./dom.js";
import { LEVELS, SHAPES, chosen, counts, highest, ratio, seen, weight } from "./state.js";
import { count, nameOf, valuesOf, word } from "./words.js";

const PLACES = {
  230000: [1, 9], 650000: [2, 2], 150000: [2, 6], 220000: [2, 9],
  620000: [3, 3], 640000: [3, 4], 140000: [3, 6], 110000: [3, 7], 120000: [3, 8], 210000: [3, 9],
  540000: [4, 1], 630000: [4, 2], 610000: [4, 4], 410000: [4, 6], 130000: [4, 7], 370000: [4, 8],
  510000: [5, 3], 500000: [5, 4], 420000: [5, 5], 340000: [5, 6], 320000: [5, 7], 310000: [5, 8],
  530000: [6, 2], 520000: [6, 3], 430000: [6, 4], 360000: [6, 5], 330000: [6, 7],
  450000: [7, 3], 440000: [7, 4], 350000: [7, 6], 710000: [7, 8],
  460000: [8, 3], 820000: [8, 4], 810000: [8, 5], unknown: [8, 9],
};

export function drawTiles(choose) {
  const box = byId("tiles");
  const focused = document.activeElement?.closest?.(".tile")?.dataset.region;
  const isTrusted = ["live", "behind", "past"].includes(seen.status?.trust);
  const regions = valuesOf("region").map((region) => ({ region, found: counts(seen.tiles.get(region)), tile: seen.tiles.get(region) }));
  if (chosen.layout === "heat") regions.sort((a, b) => urgency(b) - urgency(a) || weight(b.found) - weight(a.found));
  box.dataset.layout = chosen.layout;
  fill(box, ...regions.map((each) => tile(each, isTrusted, choose)));
  if (focused) box.querySelector(`[data-region="${focused}"]`)?.focus();
  const sum = regions.reduce((total, each) => total + LEVELS.reduce((n, level) => n + (each.found[level] ?? 0), 0), 0);
  byId("map-sum").textContent = `${word(chosen.span)} · ${word("total")} ${count(sum)}`;
}

// A surge first, then what is clearly above the usual, then the gravest: never the largest region just for being large.
function urgency({ tile: known }) {
  const times = ratio(known) ?? 0;
  return (known?.surges?.length ? 1000 : 0) + (times >= 1.5 ? times : 0);
}

function tile({ region, found, tile: known }, isTrusted, choose) {
  const total = LEVELS.reduce((n, level) => n + (found[level] ?? 0), 0);
  const heard = known?.newest_at !== undefined && known?.newest_at !== null;
  const grey = !isTrusted || !heard;
  const parts = LEVELS.filter((level) => found[level]).map((level) => el("span", {}, `${SHAPES[level]}${found[level]}`));
  const spoken = LEVELS.filter((level) => found[level]).map((level) => `${nameOf("level", level)} ${found[level]}`).join("，");
  const times = ratio(known);
  const usual = times === null ? (heard && known?.is_learning !== false ? word("learning") : "") : `${word("complaints")} ${known.spans[chosen.span].complaints ?? 0}，${word("usual")} ${known.spans[chosen.span].usual}`;
  const surging = (known?.surges ?? []).map((reason) => (reason === "all" ? word("all") : nameOf("reason", reason)));
  const why = !isTrusted ? word("stale_tile") : heard ? "" : word("nothing");
  const button = el("button", {
    type: "button", class: "tile", "data-region": region, "data-level": highest(found), "data-heat": heat(total),
    "data-grey": grey, "data-surge": surging.length && isTrusted ? word("surge") : null, "aria-pressed": String(chosen.region === region),
    "aria-label": `${nameOf("region", region)} ${heard ? count(total) : ""} ${spoken} ${usual} ${surging.length ? `${word("surge")} ${surging.join("，")}` : ""} ${why}`, title: [why, usual, ...surging].filter(Boolean).join(" · ") || null,
    onclick: () => choose(region),
  }, el("span", { class: "name" }, nameOf("region", region)), el("span", {}, el("b", {}, heard ? count(total) : "—"), times !== null && times >= 0.05 && !chosen.reason ? el("span", { class: "ratio" }, ` ×${times.toFixed(1)}`) : ""), el("span", { class: "parts" }, ...(parts.length ? parts : [why || "\u00a0"])));
  if (chosen.layout === "place" && !matchMedia("(max-width: 56rem)").matches) {
    const [row, column] = PLACES[region] ?? [8, 9];
    button.style.gridRow = row;
    button.style.gridColumn = column;
  }
  return button;
}

function heat(total) { return [0, 1, 3, 10, 30].filter((step) => total >= step).length - 1; }

export function moveBetweenTiles(key) {
  const tiles = [...byId("tiles").children];
  const at = tiles.indexOf(document.activeElement);
  if (at < 0) return false;
  const box = tiles[at].getBoundingClientRect();
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  let best = null;
  for (const each of tiles) {
    const other = each.getBoundingClientRect();
    const along = (other.x - box.x) * dx + (other.y - box.y) * dy;
    const across = Math.abs((other.x - box.x) * dy) + Math.abs((other.y - box.y) * dx);
    if (along > 4 && (!best || along + 3 * across < best.distance)) best = { each, distance: along + 3 * across };
  }
  best?.each.focus();
  return true;
}

// Hot words of the chosen region, or of all: what is new and hot first, with how customers put it.
import { byId, el, fill } from "./dom.js";
import { SHAPES, chosen, seen } from "./state.js";
import { clock, count, nameOf, word } from "./words.js";

export function drawWords() {
  const words = seen.words;
  const box = byId("word-list");
  const opened = new Set([...box.querySelectorAll("details[open]")].map((each) => each.dataset.term));
  const focused = document.activeElement?.closest?.("#word-list details")?.dataset.term;
  const rows = (words?.terms ?? []).map((term) => wordRow(term, opened.has(term.term)));
  fill(box, ...(rows.length ? rows : [el("li", { class: "empty" }, word(words?.until ? "none_words" : "no_words"))]));
  const place = chosen.region ? nameOf("region", chosen.region) : word("all");
  const learning = words?.until && words.is_learning ? ` · ${word("learning")}` : "";
  byId("words-sum").textContent = `${place}${words?.until ? ` · ${word("until")} ${clock(words.until)} · ${count(words.conversations ?? 0)} ${word("conversations")}` : ""}${learning}`;
  fill(byId("themes"), ...(words?.themes ?? []).map((terms) => el("li", {}, `${word("theme")}：${terms.join("、")}`)));
  if (focused) box.querySelector(`[data-term="${CSS.escape(focused)}"] summary`)?.focus({ preventScroll: true });
}

function wordRow(term, isOpen) {
  const level = term.is_hot ? term.level ?? "none" : "none";
  const times = term.is_hot && term.ratio ? `×${term.ratio >= 10 ? Math.round(term.ratio) : term.ratio}` : "";
  const customers = `${term.customers}${term.customers >= 16 ? "+" : ""} ${word("customers")}`;
  const where = (term.regions ?? []).map((region) => nameOf("region", region)).join("，");
  return el("li", { "data-level": level },
    el("details", { "data-term": term.term, open: isOpen },
      el("summary", {}, el("b", {}, term.term), ` ${count(term.count)} `, el("span", { class: "ratio" }, times), " ",
        term.is_hot ? el("span", { class: "badge" }, `${SHAPES[level]} ${word(term.is_new ? "new" : "hot")}`) : ""),
      el("p", { class: "soft" }, [customers, where, term.usual !== undefined ? `${word("usual")} ${term.usual}` : ""].filter(Boolean).join(" · ")),
      term.hours?.length ? bars(term.hours) : "",
      ...(term.examples ?? []).map((each) => el("p", {}, el("span", { class: "quote" }, `“${each.text}”`), el("span", { class: "soft" }, `${nameOf("region", each.region)} ${nameOf("channel", each.channel)} ${clock(each.at)}`)))));
}

// The 24 full hours before as blocks of eight heights: text, so that no style is written into the page.
function bars(hours) {
  const highest = Math.max(...hours);
  const text = hours.map((n) => (n ? "▁▂▃▄▅▆▇█"[Math.ceil((8 * n) / highest) - 1] : "·")).join("");
  return el("p", { class: "bars", role: "img", "aria-label": `${word("past_day")}: ${hours.join(" ")}` }, text);
}

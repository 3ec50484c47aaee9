// What the page holds, and how a change goes in. It holds a stretch of each list: of a row that it does not hold it cannot
// know whether a change ended it or began it, so where a list is cut its total is asked for, and not counted here.
import { now, seen, wants, wantsIncident } from "./state.js";

const KEPT = 2000; // alerts held by the page; earlier ones are a request away
const DAY_MS = 24 * 3600000;
const RUNNING = ["active", "active_with_misses"];

// Puts a change in; says which lists look different now, and of which the total is in doubt.
export function put(update) {
  const drawn = new Set(), doubted = new Set();
  if (putAlerts(update.alerts ?? []) | letGo()) drawn.add("alerts");
  if (update.incidents || update.gone) { drawn.add("incidents"); if (putIncidents(update)) doubted.add("incidents"); }
  if (update.clocks) { drawn.add("clocks"); if (putClocks(update.clocks)) doubted.add("clocks"); }
  return { drawn, doubted };
}

// Drops what is older than the day that the page is about; before it there is nothing at the server either.
export function letGo() {
  const held = seen.alerts.length;
  while (held && (seen.alerts.at(-1)?.emitted_at ?? Infinity) < now() - DAY_MS) seen.alerts.pop();
  if (seen.alerts.length === held) return false;
  Object.assign(seen, { next: "", total: seen.alerts.length });
  return true;
}

// The lists of which the page does not hold every row.
export function cut() {
  return Object.entries({ alerts: seen.next, incidents: seen.incidentsNext, clocks: seen.clocksNext }).filter(([, next]) => next).map(([name]) => name);
}

export function putPageOfClocks(page) {
  seen.clocks = new Map(page.items.map((each) => [`${each.ticket_id} ${each.clock}`, each]));
  Object.assign(seen, { clocksTotal: page.total, clocksNext: page.next });
}

export function putTotalOfIncidents(total) {
  seen.incidentsTotal = total;
  if (total <= seen.incidents.size) seen.incidentsNext = "";
}

function putAlerts(found) {
  const known = new Set(seen.alerts.map((alert) => alert.id));
  const added = found.filter((alert) => wants(alert) && !known.has(alert.id));
  if (!added.length) return false;
  seen.alerts = [...added, ...seen.alerts].sort((a, b) => b.emitted_at - a.emitted_at || (a.id < b.id ? 1 : -1));
  seen.total += added.length;
  if (seen.alerts.length > KEPT) { seen.alerts.length = KEPT; const last = seen.alerts.at(-1); seen.next = `${last.emitted_at}:${last.id}`; }
  return true;
}

function putIncidents(update) {
  let isDoubtful = false;
  const end = (id) => { if (seen.incidents.delete(id)) seen.incidentsTotal -= 1; else isDoubtful = true; };
  for (const id of update.gone ?? []) end(id);
  for (const incident of update.incidents ?? []) {
    if (!wantsIncident(incident)) { end(incident.id); continue; }
    isDoubtful ||= !seen.incidents.has(incident.id);
    seen.incidents.set(incident.id, incident);
  }
  if (!seen.incidentsNext) seen.incidentsTotal = seen.incidents.size;
  return isDoubtful && Boolean(seen.incidentsNext);
}

function putClocks(byTicket) {
  for (const [key, each] of seen.clocks) if (each.ticket_id in byTicket) seen.clocks.delete(key);
  for (const [ticket, clocks] of Object.entries(byTicket)) {
    for (const each of clocks) if (RUNNING.includes(each.state)) seen.clocks.set(`${ticket} ${each.clock}`, each);
  }
  if (!seen.clocksNext) seen.clocksTotal = seen.clocks.size;
  return Boolean(seen.clocksNext); // the cut may go through a ticket
}

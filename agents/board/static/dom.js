// Elements are made, never written as text that the browser would read as markup.
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
export function byId(id) { return document.getElementById(id); }
export function fill(parent, ...children) { parent.replaceChildren(...children); }
export function options(select, values, current) {
  fill(select, ...values.map(([value, text]) => el("option", { value, selected: value === current }, text)));
}

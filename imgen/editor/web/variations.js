// Other values of a slider or a seed, each on the person's own photo, to choose from.
import { setter } from "./cards.js";
import { make } from "./dom.js";
import { offers } from "./offers.js";

/** @typedef {import("./cards.js").Step} Step @typedef {import("./cards.js").Desk} Desk @typedef {import("./types.js").Control} Control */

/** The parameters that can be tried, the most telling first. @param {Desk} desk @param {Step} step @returns {Control[]} */
function able(desk, step) {
  const rank = (/** @type {Control} */ { name }) => ["seed", "strength", "amount"].indexOf(name) + 1 || 9;
  const fit = desk.tool(step).controls.filter(({ kind, name, step: by }) => ["number", "integer"].includes(kind) && (by || name === "seed"));
  return fit.sort((one, other) => rank(one) - rank(other));
}

/** The part of a card that offers them; nothing where there is nothing to try. @param {Desk} desk @param {Step} step */
export function section(desk, step) {
  const controls = able(desk, step);
  const control = controls.find(({ name }) => name === step.varies) ?? controls[0];
  const at = control && desk.offer(step, control);
  if (!at) return [];
  const open = Boolean(step.varies);
  const vary = (/** @type {string} */ name) => { step.varies = name; desk.render(); };
  const head = make("button", { type: "button", class: "where vary", "aria-expanded": String(open), "aria-label": `${desk.tool(step).title}: variations`, onclick: () => vary(open ? "" : control.name) }, make("span", {}, "Variations"));
  if (!open) return [head];
  const list = make("select", { "aria-label": "What varies", onchange: () => vary(controls[list.selectedIndex].name) }, ...controls.map((one) => make("option", { selected: one === control }, one.label)));
  const take = (/** @type {any} */ value) => { setter(desk, step, control)(value); desk.render(); };
  const [button, strip] = offers({ ...at, parameter: control.name, value: step.parameters[control.name], take });
  if (!strip.querySelector("button, .waiting")) button.click(); // what was made is of other values, or there is nothing yet
  return [head, make("div", { class: "place varying" }, make("div", { class: "line" }, make("span", {}, "Other values of"), list), strip)];
}

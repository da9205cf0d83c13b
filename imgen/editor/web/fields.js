// The controls of a step's parameters, each made from what the server tells of it.
import { control as strokes } from "./aim.js";
import { make } from "./dom.js";
import * as kinds from "./kinds.js";
import { offers } from "./offers.js";
import { own } from "./own.js";
import * as places from "./places.js";

const FEW = 2; // values from which on each can be seen on the photo

/**
 * One control.
 * @param {import("./types.js").Control} control
 * @param {{id: string, tool?: string, value: any, set: (value: any) => void, spot?: import("./types.js").Spot, picture?: (about: object) => Node,
 *   before?: string, file?: {name: string, took: (name: string) => void}, offer?: {step: number, of: string, ask: (detail: object) => void} | null}} at
 *   its value, what takes a new one, how the special ones are made, and a small picture of what the step begins with
 * @returns {HTMLElement}
 */
export function field(control, at) {
  const { kind } = control;
  const help = control.help ? make("small", { id: `${at.id}-help` }, control.help) : null;
  const row = make("div", { class: `field ${control.kind}`, "data-name": control.name });
  const name = control.unit ? `${control.label} (${control.unit})` : control.label;
  const label = make("label", { for: at.id }, name);
  const about = { id: at.id, "aria-describedby": help ? `${at.id}-help` : null };
  row.append(...parts(control, at, label, about));
  if (at.offer && (kind === "candidate" || (kind === "choice" && control.choices.length >= FEW))) row.append(...seen(control, at, row));
  if (help) row.append(help);
  if (control.own) own(at.tool, control, row, at);
  return row;
}

function parts(control, at, label, about) {
  const { kind } = control;
  if (kind === "flag" && !control.optional) return flag(at, label, about);
  if (kind === "choice") return choice(control, at, label, about);
  if (kind === "picture") return [make("div", { class: "line" }, label, at.picture(about))];
  if (places.kinds.includes(kind)) return places.control(at.spot, label, about);
  if (kind === "painting") return strokes(at.spot, label, about);
  if (kind === "colour") return kinds.colour(at, label, about);
  if (kind === "choices") return kinds.choices(control, at, label, about);
  if (kind === "file") return kinds.file(control, at, label, about);
  if (kind === "curve") return kinds.curve(control, at, label, about);
  if (kind === "candidate") return number({ ...control, kind: "integer", min: 0 }, at, label, about);
  if (kind === "number" || kind === "integer") return number(control, at, label, about);
  return text(control, at, label, about);
}

function flag({ value, set }, label, about) {
  const box = make("input", { ...about, type: "checkbox", checked: Boolean(value), onchange: () => set(box.checked) });
  return [make("div", { class: "line" }, box, label)];
}

function choice(control, { value, set }, label, about) {
  const options = [...(control.optional ? [null] : []), ...control.choices];
  const list = make("select", { ...about, onchange: () => set(options[list.selectedIndex]) },
    ...options.map((o) => make("option", { selected: o === value }, o === null ? "automatic" : String(o))));
  return [make("div", { class: "line" }, label, list)];
}

/** Each value on the photo; the usual control follows what is taken there. @param {any} control @param {any} at @param {any} row */
function seen(control, { value, set, offer }, row) {
  const take = (/** @type {any} */ taken) => {
    set(taken);
    const usual = row.querySelector("select, input[type=number]");
    if (usual?.tagName === "SELECT") usual.selectedIndex = control.choices.indexOf(taken) + (control.optional ? 1 : 0);
    else if (usual) usual.value = taken;
  };
  return offers({ ...offer, parameter: control.name, value, take });
}

function text(control, { value, set }, label, about) {
  const shown = control.kind === "text" || typeof value === "string" ? value ?? "" : JSON.stringify(value);
  const box = make("input", { ...about, type: "text", value: shown, onchange: () => set(box.value === "" && control.optional ? null : box.value) });
  return [label, box];
}

function number(control, { value, set }, label, about) {
  const { min, max, step } = control;
  const limits = { min, max, step: control.kind === "integer" ? 1 : step ?? "any" };
  const start = value ?? control.default ?? (step ? Math.round((min + (max - min) / 4) / step) * step : min ?? 0);
  const box = make("input", { ...about, ...limits, type: "number", value: start });
  const slider = step ? make("input", { ...limits, type: "range", value: start, "aria-label": control.label }) : null;
  let kept = start;
  const take = (typed) => {
    const amount = Number(typed);
    if (typed === "" || !Number.isFinite(amount)) return;
    const held = Math.min(max ?? Infinity, Math.max(min ?? -Infinity, amount)); // a value out of range would stop everything
    kept = control.kind === "integer" ? Math.round(held) : held;
    set(kept);
  };
  box.addEventListener("change", () => { take(box.value); box.value = String(kept); });
  box.addEventListener("input", () => { if (slider) slider.value = box.value; take(box.value); });
  slider?.addEventListener("input", () => { box.value = slider.value; take(slider.value); });
  const rest = slider ? [slider] : [];
  if (!control.optional) return [make("div", { class: "line" }, label, box), ...rest];
  return [make("div", { class: "line" }, label, automatic([box, ...rest], value, set, () => take(box.value), about), box), ...rest];
}

// A switch that leaves the value to the tool.
function automatic(inputs, value, set, take, about) {
  const toggle = make("input", { type: "checkbox", id: `${about.id}-auto`, checked: value === null || value === undefined });
  const follow = () => inputs.forEach((input) => { input.disabled = toggle.checked; });
  toggle.addEventListener("change", () => { follow(); toggle.checked ? set(null) : take(); });
  follow();
  return make("span", { class: "auto" }, toggle, make("label", { for: `${about.id}-auto` }, "automatic"));
}

// A pad on which dragging sets two sliders at once, given the rows of both; the sliders stay, for keys and numbers. `map` is what
// draws small pictures of what is where: the button that asks for them, and their grid.
export function pad(x, y, map = []) {
  const [across, down] = [x, y].map((row) => row.querySelector("input[type=range]"));
  const dot = make("span", { class: "dot" });
  const area = make("div", { class: "pad", title: "Drag to move" }, dot);
  const part = (input) => (input.value - input.min) / (input.max - input.min);
  const follow = () => { dot.style.left = `${100 * part(across)}%`; dot.style.top = `${100 * part(down)}%`; };
  const set = (input, value) => {
    input.value = Number(input.min) + Math.min(1, Math.max(0, value)) * (input.max - input.min);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const go = (event) => {
    const box = area.getBoundingClientRect();
    set(across, (event.clientX - box.left) / box.width);
    set(down, (event.clientY - box.top) / box.height);
  };
  area.addEventListener("pointerdown", (event) => { area.setPointerCapture(event.pointerId); go(event); });
  area.addEventListener("pointermove", (event) => { if (area.hasPointerCapture(event.pointerId)) go(event); });
  [x, y].forEach((row) => row.addEventListener("input", follow));
  follow();
  const [button, grid] = map;
  if (!grid) return [area];
  area.prepend(grid);
  button.textContent = "Draw the map";
  return [area, button];
}

// The steps as cards: what each does, its controls, and what the selection means for it.
import { tell } from "./bus.js";
import * as crop from "./crop.js";
import { badge, make, pick, PICTURES } from "./dom.js";
import * as fields from "./fields.js";
import { icon } from "./icons.js";
import { combining, placed, section } from "./masks.js";
import { offers } from "./offers.js";
import { dragged, others } from "./photos.js";
import { section as variations } from "./variations.js";

/** @typedef {import("./types.js").Tool} Tool @typedef {import("./types.js").Control} Control */
/**
 * @typedef {import("./types.js").Placed & {open: boolean, placing: boolean, varies: string, task: string, part: number, mask: any[]}} Step a step, whether its card shows its controls
 *   and where it acts, which parameter's other values it shows, the task that it is part of, and its mask: steps
 * @typedef {{tools: Tool[], before: (step: Step) => string, part: (tool: Tool, combine: string) => Step, setMask: (step: Step, parts: Step[], label: string) => void, place: (step: Step, open: boolean) => void,
 *   tool: (step: Step) => Tool, changed: (kind?: string, label?: string) => void, render: () => void, spot: (step: Step, control: Control) => any,
 *   offer: (step: Step, control: Control) => {step: number, of: string, ask: (detail: object) => void} | null, upload: (file: File) => Promise<{path: string}>, trigger: (name: string, detail: object) => void,
 *   toggle: (step: Step, on: boolean) => void, reset: (index: number) => void, duplicate: (index: number) => void, move: (from: number, to: number) => void, remove: (index: number) => void}} Desk
 */

/** The values with which a tool begins. @param {Tool} tool */
export function defaults(tool) {
  const known = tool.controls.filter((c) => c.kind !== "picture" && c.default !== undefined && (c.default !== null || c.optional));
  return Object.fromEntries(known.map((control) => [control.name, control.default]));
}

/** A step of a card. @param {any} card @param {(name: string) => Tool} toolOf @param {() => number} id gives another each time @returns {Step} */
export function made({ tool, parameters = {}, enabled = true, waits = false, files = {}, task = "", part = 0, opacity = 1, mask = [], combine = "replace" }, toolOf, id) {
  const parts = mask.filter((/** @type {any} */ one) => toolOf(one.tool)).map((/** @type {any} */ one) => made(one, toolOf, id));
  return { id: id(), tool, parameters: { ...defaults(toolOf(tool)), ...parameters }, enabled, waits, files: { ...files }, task, part, open: !task, placing: false, varies: "", opacity, mask: parts, combine };
}

/** A step as the server takes it. @param {Step} step @param {boolean} runs @returns {any} */
export function sent({ tool, parameters, opacity, mask, combine }, runs) {
  return { tool, parameters: { ...parameters }, enabled: runs, opacity, combine, mask: mask.map((one) => sent(one, true)) };
}

/** A step as it is kept. @param {Step} step @returns {any} */
export function kept({ tool, parameters, enabled, waits, files, task, part, opacity, mask, combine }) {
  return { tool, parameters, enabled, waits, files, task, part, ...(opacity < 1 ? { opacity } : {}), ...(mask.length ? { mask: mask.map(kept) } : {}), ...(combine === "replace" ? {} : { combine }) };
}

/** Steps that were put back are those that were there before, where they are alike: their cards stay as they are. @param {Step[]} steps @param {Step[]} before */
export function carriedOver(steps, before) {
  steps.forEach((step, index) => {
    const old = before[index];
    if (old?.tool !== step.tool) return;
    Object.assign(step, { id: old.id, open: old.open, placing: old.placing, varies: old.varies });
    carriedOver(step.mask, old.mask);
  });
  return steps;
}

/** The steps and those of their masks. @param {Step[]} steps @returns {Step[]} */
export const withMasks = (steps) => steps.flatMap((step) => [step, ...step.mask]);

/** @param {Step} step @param {{name: string}} control */
export function key(step, control) { return `step-${step.id}-${control.name}`; }

/** @param {Desk} desk @param {Step} step @param {Control} control */
export function setter(desk, step, control) {
  const title = `${desk.tool(step).title}: ${control.label.toLowerCase()}`;
  return (/** @type {any} */ value) => {
    step.parameters[control.name] = value;
    desk.changed(control.kind === "painting" ? "" : key(step, control), typeof value === "number" ? `${title} ${Math.round(value * 100) / 100}` : title);
  };
}

/** @param {Desk} desk @param {Step} step @param {number} index @param {number} count of all steps */
export function card(desk, step, index, count) {
  const tool = desk.tool(step);
  const button = (/** @type {string} */ label, /** @type {string} */ name, /** @type {() => void} */ act, disabled = false) =>
    make("button", { type: "button", "aria-label": `${label} ${tool.title}`, title: label, onclick: act, disabled, class: `icon ${name}` }, icon(name));
  const on = make("input", { type: "checkbox", "aria-label": `${tool.title} is on`, title: "On or off", checked: step.enabled });
  on.addEventListener("change", () => { item.classList.toggle("off", !on.checked); desk.toggle(step, on.checked); });
  const title = make("button", { type: "button", class: "title", "aria-expanded": String(step.open), title: tool.summary, onclick: () => { step.open = !step.open; desk.render(); } }, tool.title);
  const note = badge(tool);
  const look = make("img", { class: "after-look", alt: "", hidden: true });
  const combined = index && tool.effect === "selects" && !tool.needs ? [make("div", { class: "field" }, make("div", { class: "line" }, make("label", { for: `step-${step.id}-how` }, "With the selection before"), combining(desk, step, tool.title, `step-${step.id}-how`)))] : [];
  const item = make("li", { class: `card${step.enabled ? "" : " off"}${step.open ? "" : " closed"}`, "data-tool": step.tool, "data-group": tool.group },
    make("header", {},
      make("button", { type: "button", class: "icon grip", "aria-label": `Drag ${tool.title}; the arrow keys move it`, title: "Drag, or press the arrow keys, to move" }, icon("grip")),
      on, step.open ? null : look, make("h2", {}, title),
      button("Reset", "reset", () => desk.reset(index)),
      button("Duplicate", "copy", () => desk.duplicate(index)),
      button("Move up", "up", () => desk.move(index, index - 1), index === 0),
      button("Move down", "down", () => desk.move(index, index + 1), index === count - 1),
      button("Remove", "remove", () => desk.remove(index))),
    make("p", { class: "hint" }),
    ...(step.open ? [make("p", { class: "summary" }, look, tool.summary), ...combined, ...controls(desk, step, tool), ...variations(desk, step), ...(placed(tool) ? section(desk, step) : [])] : []),
    ...(note && step.open ? [make("button", { type: "button", class: "badge", title: "What its models were trained on, and their terms", onclick: () => tell("dialog", { name: "installed", models: tool.models.map(({ name }) => name) }) }, note)] : []));
  return item;
}

/** @param {Desk} desk @param {Step} step @param {Tool} tool */
function controls(desk, step, tool) {
  if (tool.name === "crop") {
    const set = (/** @type {string} */ name, /** @type {any} */ value) => { step.parameters[name] = value; desk.changed(`step-${step.id}-crop`, "Cropped"); };
    return crop.controls(`step-${step.id}`, tool, step.parameters, set);
  }
  const made = tool.controls.map((control) => field(desk, step, control));
  const [x, y] = ["x", "y"].map((side) => made[tool.controls.findIndex((control) => control.pad === side)]);
  return x && y ? [...fields.pad(x, y, mapped(desk, step, tool)), ...made] : made;
}

/** What draws the map of a pad. @param {Desk} desk @param {Step} step @param {Tool} tool */
function mapped(desk, step, tool) {
  const [x, y] = ["x", "y"].map((side) => tool.controls.find((control) => control.pad === side));
  const asked = { ...x, name: `${x.name},${y.name}` };
  const at = desk.offer(step, asked);
  return at ? offers({ ...at, parameter: asked.name, value: null, take: () => {} }) : [];
}

/** @param {Desk} desk @param {Step} step @param {Control} control */
export function field(desk, step, control, prefix = "") {
  return fields.field(control, {
    id: prefix + key(step, control), tool: step.tool, value: step.parameters[control.name], set: setter(desk, step, control),
    spot: desk.spot(step, control), picture: (about) => pictureButton(desk, step, control, about),
    file: { name: step.files[control.name], took: (name) => { step.files[control.name] = name; } }, offer: desk.offer(step, control), before: desk.before(step),
  });
}

/** @param {Desk} desk @param {Step} step @param {Control} control @param {object} about */
function pictureButton(desk, step, control, about) {
  const has = step.parameters[control.name];
  const name = (has && step.files[control.name]) || (has ? "from the recipe" : "Choose a picture");
  const take = async (/** @type {File} */ file) => {
    button.textContent = "Uploading…";
    try {
      const { path } = await desk.upload(file);
      desk.trigger("attach", { path, name: file.name, tool: step.tool, step: step.id, parameter: control.name });
    } catch (error) {
      tell("error", `${file.name} could not be uploaded: ${error.message}`);
      desk.render();
    }
  };
  const open = (/** @type {{key: string, name: string}} */ { key: shelf, name: called }) => {
    desk.trigger("attach", { shelf, name: called, tool: step.tool, step: step.id, parameter: control.name });
  };
  const dropped = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    event.stopPropagation();
    tell("dropped");
    const one = dragged(event);
    if (one) { open(one); return; }
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  };
  const button = make("button", { ...about, type: "button", class: has ? "file chosen" : "file", title: "Choose a picture, or drop one here", onclick: async () => take(await pick(PICTURES)), ondrop: dropped }, name);
  const known = others();
  const list = make("select", { "aria-label": `${control.label}: one of the open photos`, onchange: () => { if (list.selectedIndex) open(known[list.selectedIndex - 1]); } },
    make("option", {}, "Or an open photo…"), ...known.map((one) => make("option", {}, one.name)));
  return known.length ? make("span", { class: "pictures" }, button, list) : button;
}

/**
 * Which steps run, and what the selection means for each, followed through the steps.
 * @param {Step[]} steps @param {(step: Step) => Tool} toolOf @param {boolean} brushed
 * @returns {{runs: boolean, text: string}[]}
 */
export function follow(steps, toolOf, brushed) {
  let selected = brushed;
  return steps.map((step) => {
    const tool = toolOf(step);
    const own = tool.controls.some((control) => control.kind === "picture");
    const lacks = tool.needs && !own && !selected && !step.mask.length;
    const runs = step.enabled && !(step.waits && lacks);
    const text = !step.enabled ? "" : lacks && step.waits ? "Waits for the brush" : lacks ? "Needs a selection: brush over the picture"
      : step.mask.length ? "Only inside its mask" : tool.effect === "obeys" && selected ? "Only inside the selection" : "";
    if (runs && tool.effect === "selects") selected = true;
    if (runs && tool.effect === "clears") selected = false;
    return { runs, text };
  });
}

/** Whether something is selected after these steps. @param {Step[]} steps @param {(step: Step) => Tool} toolOf @param {boolean} brushed */
export function selectedAfter(steps, toolOf, brushed) {
  return follow(steps, toolOf, brushed).reduce((selected, { runs }, index) => {
    const { effect } = toolOf(steps[index]);
    return runs && effect === "selects" ? true : runs && effect === "clears" ? false : selected;
  }, brushed);
}

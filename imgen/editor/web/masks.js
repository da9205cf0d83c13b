// Where a step acts and how much of it is seen: its opacity, and a mask of its own, put together from steps that select.
import { paint } from "./aim.js";
import { field } from "./cards.js";
import { make } from "./dom.js";
import { field as plain } from "./fields.js";
import { icon } from "./icons.js";

/** @typedef {import("./cards.js").Step} Step @typedef {import("./cards.js").Desk} Desk @typedef {import("./types.js").Tool} Tool */

const FIRST = { select_strokes: "Brush", select_subject: "Subject", select_colour: "Colour", select_brightness: "Brightness", load_selection: "Picture", invert_selection: "Invert", feather_selection: "Soften" };
const HOW = { replace: "Instead", add: "Add", subtract: "Take away", intersect: "Only within" };
const OPACITY = { name: "opacity", label: "Opacity", kind: "number", min: 0, max: 1, step: 0.01, default: 1 };

/** Whether a step of this tool can have a mask. @param {Tool} tool */
export const placed = (tool) => tool.effect === "obeys" && !tool.makes;

/** Whether a tool changes what is selected, instead of selecting. @param {Tool} tool */
const shapes = (tool) => tool.needs && tool.effect === "selects";

/** In a word. @param {Desk} desk @param {Step} step */
function told(desk, step) {
  const parts = step.mask.map((part) => FIRST[part.tool] ?? desk.tool(part).title).join(", ");
  return [parts || "Everywhere", step.opacity < 1 ? `${Math.round(step.opacity * 100)} %` : ""].filter(Boolean).join(" · ");
}

/** How a selection goes with the one before. @param {Desk} desk @param {Step} step @param {string} title @param {string} id */
export function combining(desk, step, title, id) {
  const ways = Object.keys(HOW);
  const list = make("select", { id, "aria-label": `${title}: with what was selected before`, title: "With what was selected before", onchange: () => { step.combine = ways[list.selectedIndex]; desk.changed("", `${title}: ${HOW[step.combine].toLowerCase()}`); } },
    ...ways.map((way) => make("option", { selected: way === step.combine }, HOW[way])));
  return list;
}

/** The part of a card that says where. @param {Desk} desk @param {Step} step */
export function section(desk, step) {
  const tool = desk.tool(step);
  const open = step.placing;
  const head = make("button", { type: "button", class: "where", "aria-expanded": String(open), "aria-label": `${tool.title}: where it acts, ${told(desk, step)}`, onclick: () => desk.place(step, !open) },
    make("img", { class: "mask-look", alt: "", hidden: true }), make("span", {}, "Where"), make("small", {}, told(desk, step)));
  if (!open) return [head];
  const opacity = plain(OPACITY, { id: `step-${step.id}-opacity`, value: step.opacity, set: (/** @type {number} */ value) => { step.opacity = value; desk.changed(`step-${step.id}-opacity`, `${tool.title}: opacity ${Math.round(value * 100)} %`); } });
  return [head, make("div", { class: "place" }, opacity, make("ol", { class: "parts", "aria-label": `${tool.title}: mask` }, ...step.mask.map((part, index) => row(desk, step, part, index))), adding(desk, step))];
}

/** @param {Desk} desk @param {Step} step @param {Step} part @param {number} index */
function row(desk, step, part, index) {
  const tool = desk.tool(part);
  const title = FIRST[part.tool] ?? tool.title;
  const remove = make("button", { type: "button", class: "icon", "aria-label": `Remove ${title} from the mask`, title: "Remove", onclick: () => desk.setMask(step, step.mask.filter((one) => one !== part), `${title} removed from the mask`) }, icon("remove"));
  return make("li", { "data-tool": part.tool },
    make("div", { class: "line" }, make("strong", {}, title), index && !shapes(tool) ? combining(desk, part, title, `part-${part.id}-how`) : null, remove),
    ...tool.controls.map((control) => field(desk, part, control)));
}

/** Buttons that add to the mask. @param {Desk} desk @param {Step} step */
function adding(desk, step) {
  const able = desk.tools.filter((tool) => tool.effect === "selects" && (step.mask.length || !shapes(tool)));
  const first = Object.keys(FIRST).map((name) => able.find((tool) => tool.name === name)).filter(Boolean);
  const rest = able.filter((tool) => !(tool.name in FIRST));
  const add = (/** @type {Tool} */ tool) => {
    const part = desk.part(tool, step.mask.length && !shapes(tool) ? "add" : "replace");
    desk.setMask(step, [...step.mask, part], `${FIRST[tool.name] ?? tool.title} in the mask`);
    if (tool.name === "select_strokes") paint(`step-${part.id}-strokes`);
  };
  const more = make("select", { "aria-label": "More ways to select", onchange: () => { if (more.selectedIndex) add(rest[more.selectedIndex - 1]); } },
    make("option", {}, "More…"), ...rest.map((tool) => make("option", {}, tool.title)));
  return make("div", { class: "line adding", role: "group", "aria-label": "Add to the mask" },
    ...first.map((tool) => make("button", { type: "button", title: tool.summary, onclick: () => add(tool) }, FIRST[tool.name])), ...(rest.length ? [more] : []));
}

/** Show the small pictures that came with a preview. @param {Element} list of the cards @param {Object<string, {after: string, mask?: string}>} looks by the step's place */
export function looked(list, looks) {
  [...list.children].forEach((card, index) => {
    const look = looks[String(index)];
    for (const [name, picture] of [[".after-look", look?.after], [".mask-look", look?.mask]]) {
      const image = /** @type {HTMLImageElement | null} */ (card.querySelector(name));
      if (!image) continue;
      image.hidden = !picture;
      if (picture) image.src = picture;
    }
  });
}

/** The small picture of what a step begins with; empty where there is none. @param {number} index @param {Object<string, {after: string}>} looks */
export function before(index, looks) {
  const made = Object.keys(looks).map(Number).filter((at) => at < index);
  return made.length ? looks[Math.max(...made)].after : "";
}

// Where the page begins: Gradio makes the components, and each is begun by the function of its name.
import { previous } from "./history.js";
import * as parts from "./parts.js";

/** @typedef {import("./types.js").Component} Component */
const base = /** @type {any} */ (window).gradio_config?.root || "";
// what there is now: a model that was exported a moment ago is among the choices
const known = fetch(`${base}/web/known.json`).then((answer) => answer.json());

/** Begin one when it is known what there is, all in the order in which Gradio made them. @param {(component: Component) => void} part */
const begun = (part) => (/** @type {Component} */ component) => known.then((now) => part({ ...component, known: now }));

export const bar = begun(parts.bar);
export const chain = begun(parts.chain);
export const dialogs = begun(parts.dialogs);
/** Until its photo is back, a page that is loaded again shows no start. @param {Component} component */
export function stage(component) {
  if (previous?.token) component.element.classList.add("restoring");
  return begun(parts.stage)(component);
}

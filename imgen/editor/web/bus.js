// Messages between the page's components.

const bus = new EventTarget();
/** @type {Object<string, any>} */
const told = {};

/** Say something to all who listen. @param {string} name @param {any} [detail] */
export function tell(name, detail) {
  told[name] = detail;
  bus.dispatchEvent(new CustomEvent(name, { detail }));
}

/**
 * Hear of something from now on; `late` also of the last time, for what was said before this component was there.
 * @param {string} name @param {(detail: any) => void} react
 */
export function listen(name, react, late = false) {
  bus.addEventListener(name, (event) => react(/** @type {CustomEvent} */ (event).detail));
  if (late && name in told) react(told[name]);
}

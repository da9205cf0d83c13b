// Cropping on the picture: a rectangle with handles, ratios, and a horizon that is set straight.
import { listen, tell } from "./bus.js";
import { make } from "./dom.js";
import { field } from "./fields.js";
import { WHOLE, grown, moved, resized, shaped } from "./rectangle.js";

/** @typedef {{key: string, parameters: Object<string, any>, set: (values: Object<string, any>) => void, inside: Object<string, any>[]}} Spot
 *   a crop of the steps: what sets its parameters, and the crops before it */

const RATIOS = { Free: 0, "As it is": -1, "1:1": 1, "4:3": 4 / 3, "3:2": 3 / 2, "16:9": 16 / 9, "3:4": 3 / 4, "2:3": 2 / 3, "9:16": 9 / 16 };
const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const NUMBERS = ["left", "top", "width", "height"];
const STEP = 0.01; // of an arrow key
/** @type {Object<string, string>} */
const ratios = {}; // what was chosen, by step
/** @type {Spot[]} */
let spots = [];
let active = ""; // the key of the crop that is shown on the picture
/** @type {{width: number, height: number} | null} */
let photo = null;
/** @type {any} */
let layer = null;
/** @type {any} */
let picture = null;
/** @type {{handle: string, x: number, y: number, from: any} | null} */
let drag = null;

const spot = () => spots.find((one) => one.key === active);
const rectangle = (/** @type {Spot} */ one) => ({ ...WHOLE, ...Object.fromEntries(NUMBERS.map((name) => [name, one.parameters[name] ?? /** @type {any} */ (WHOLE)[name]])) });
const within = (/** @type {any} */ outer, /** @type {any} */ inner) => ({
  left: outer.left + inner.left * outer.width, top: outer.top + inner.top * outer.height, width: inner.width * outer.width, height: inner.height * outer.height,
});
/** What the crops before leave of the photo. */
const ground = () => spot().inside.reduce(within, WHOLE);
const aspect = () => (photo.width * ground().width) / (photo.height * ground().height);
/** The chosen ratio in parts of the picture. @param {Spot} one */
function ratio(one) {
  const chosen = /** @type {any} */ (RATIOS)[ratios[one.key] ?? "Free"];
  return chosen === 0 ? 0 : (chosen < 0 ? aspect() : chosen) / aspect();
}

/**
 * The controls of a crop's card.
 * @param {string} key @param {import("./types.js").Tool} tool @param {Object<string, any>} parameters @param {(name: string, value: any) => void} set
 */
export function controls(key, tool, parameters, set) {
  const button = make("button", { type: "button", class: "pick crop", "data-pick": key, "aria-pressed": String(key === active), onclick: () => { show(key === active ? "" : key); if (active) layer.querySelector(".keep").focus({ preventScroll: true }); } }, "Crop on the photo");
  const list = make("select", { id: `${key}-ratio`, onchange: () => { ratios[key] = list.value; show(key); shape(); } },
    ...Object.keys(RATIOS).map((name) => make("option", { selected: name === (ratios[key] ?? "Free") }, name)));
  const angle = tool.controls.find((control) => control.name === "angle");
  const numbers = NUMBERS.map((name) => tool.controls.find((control) => control.name === name)).filter(Boolean);
  const number = (/** @type {any} */ control) => field({ ...control, step: undefined, help: "" }, { id: `${key}-${control.name}`, value: parameters[control.name], set: (value) => { ratios[key] = list.value = "Free"; set(control.name, value); draw(); } });
  return [
    make("div", { class: "field" }, make("div", { class: "line" }, make("label", { for: `${key}-ratio` }, "Shape"), list, button)),
    ...(angle ? [field({ ...angle, label: "Straighten" }, { id: `${key}-angle`, value: parameters.angle, set: (value) => { set("angle", value); draw(); } })] : []),
    make("div", { class: "numbers" }, ...numbers.map(number)),
  ];
}

/** The steps were changed. @param {Spot[]} next */
export function known(next) {
  spots = next;
  if (active && !spot()) show("");
  draw();
}

/** Show that crop on the picture; empty ends it. @param {string} key */
export function show(key) {
  if (key && !photo) { tell("error", "Open a photo first, then crop it"); return; }
  active = key;
  document.querySelectorAll("#chain .pick.crop").forEach((one) => one.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (one).dataset.pick === key)));
  tell("cropping", Boolean(key));
  draw();
}

export const cropping = () => Boolean(active);

function shape() { if (ratio(spot())) put(shaped(rectangle(spot()), ratio(spot()))); }

/** @param {any} next */
function put(next) {
  const one = spot();
  one.set(next);
  NUMBERS.forEach((name) => { const box = /** @type {any} */ (document.getElementById(`${one.key}-${name}`)); if (box) box.value = next[name]; });
  draw();
}

function draw() {
  if (!layer) return;
  const one = photo ? spot() : undefined;
  layer.hidden = !one;
  const degrees = one?.parameters.angle ?? 0;
  picture.querySelector(".before").style.transform = one && degrees ? `rotate(${degrees}deg) scale(${grown(degrees, photo.width / photo.height)})` : "";
  picture.classList.toggle("cropped", Boolean(one));
  if (!one) return;
  const { left, top, width, height } = within(ground(), rectangle(one));
  Object.assign(layer.querySelector(".keep").style, { left: `${left * 100}%`, top: `${top * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` });
  layer.querySelector(".size-told").textContent = `${Math.round(width * photo.width / grown(degrees, photo.width / photo.height))} × ${Math.round(height * photo.height / grown(degrees, photo.width / photo.height))}`;
}

/** @param {PointerEvent} event */
function parts(event) {
  const box = layer.getBoundingClientRect();
  const inside = ground();
  return { x: (event.clientX - box.left) / box.width / inside.width, y: (event.clientY - box.top) / box.height / inside.height };
}

/** @param {HTMLElement} stage */
export function mount(stage) {
  picture = stage.querySelector(".picture");
  layer = stage.querySelector(".cropping");
  const keep = layer.querySelector(".keep");
  keep.append(...HANDLES.map((name) => make("span", { class: "handle", "data-handle": name })));
  layer.addEventListener("pointerdown", (/** @type {any} */ event) => {
    if (event.button !== 0 || !event.target.closest(".keep")) return;
    drag = { handle: event.target.dataset.handle ?? "", ...parts(event), from: rectangle(spot()) };
    layer.setPointerCapture(event.pointerId);
    keep.focus({ preventScroll: true });
    event.preventDefault();
  });
  layer.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (!drag) return;
    const { x, y } = parts(event);
    const [across, down] = [x - drag.x, y - drag.y];
    put(drag.handle ? resized(drag.from, drag.handle, across, down, ratio(spot())) : moved(drag.from, across, down));
  });
  for (const end of ["pointerup", "pointercancel"]) layer.addEventListener(end, () => { drag = null; });
  keep.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (!by) return;
    event.preventDefault();
    put(event.shiftKey ? resized(rectangle(spot()), by[0] ? "e" : "s", by[0], by[1], ratio(spot())) : moved(rectangle(spot()), by[0], by[1]));
  });
  document.addEventListener("keydown", (event) => { // before the run is cancelled
    if (!active || event.key !== "Escape") return;
    show("");
    event.stopPropagation();
  }, true);
  listen("photo", (next) => { photo = next; show(""); });
  draw();
}

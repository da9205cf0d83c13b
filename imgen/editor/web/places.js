// Places on the photo as parameters: their control on a step's card, and their marks on the picture.
// In parts 0..1 of the photo, or of a second picture: points [[x, y]], dots [[x, y, "#rrggbb"]], box [left, top, width, height].
import { listen, tell } from "./bus.js";
import { make, typing } from "./dom.js";

/** @typedef {import("./types.js").Spot} Spot */
const HOW = {
  points: "Click to add a point, click a point to remove it",
  dots: "Click to add a dot, click a dot to remove it",
  box: "Drag to draw the box",
};
const SMALLEST = 0.005; // a box below that part of the photo was a click
const colours = {}; // of the next dot, by parameter
// the parameters of all cards that are places: {key, kind, label, on, value, none, set}, and where they are on
// a step's second picture also `picture`: its token, or "" as long as none was chosen
/** @type {Spot[]} */
let spots = [];
let active = null; // the key of the one that is being picked
let photo = null;
let stage = null;
let layer = null; // lies over the picture and holds the marks
let from = null; // where the drag of a box began
let drawn = null; // the box as dragged so far

const find = (key) => spots.find((spot) => spot.key === key);
const items = (spot) => (spot.kind === "box" ? [spot.value].filter(Boolean) : spot.value ?? []);
const put = (spot, list) => spot.set(!list.length ? spot.none : spot.kind === "box" ? list[0] : list);
const drop = (spot, index) => put(spot, items(spot).filter((_, i) => i !== index));
const where = (spot) => (spot.picture === undefined ? "photo" : "picture");
const rounded = (part) => Math.round(part * 1e4) / 1e4;

// ---- on the card

export function control(spot, label, about) {
  const button = make("button", {
    ...about, type: "button", class: "pick", "aria-pressed": String(spot.key === active),
    "aria-label": `${spot.label}: pick on the ${where(spot)}`, onclick: () => pick(spot.key === active ? null : spot.key),
  }, `Pick on the ${where(spot)}`);
  const chips = make("div", { class: "chips", role: "group", "aria-label": `${spot.label}: placed`, "data-of": spot.key });
  fill(chips, spot);
  return [make("div", { class: "line" }, label, spot.kind === "dots" ? swatch(spot) : null, button), chips];
}

function swatch(spot) {
  const input = make("input", { type: "color", value: colour(spot), title: "Colour of the next dot", "aria-label": `${spot.label}: colour of the next dot` });
  input.addEventListener("input", () => { colours[spot.key] = input.value; });
  return input;
}

function colour(spot) { return colours[spot.key] ?? items(spot).at(-1)?.[2] ?? "#c8553d"; }

function fill(chips, spot) {
  const list = items(spot);
  const clear = make("button", { type: "button", class: "clear", "aria-label": `${spot.label}: clear`, onclick: () => { put(spot, []); document.getElementById(spot.key)?.focus(); } }, "Clear");
  chips.replaceChildren(make("span", { class: "count" }, count(spot.kind, list)),
    ...(spot.kind === "box" ? [] : list.map((item, index) => chip(chips, spot, item, index))), ...(list.length ? [clear] : []));
}

function count(kind, list) {
  if (!list.length) return "None yet";
  if (kind === "box") return `${Math.round(list[0][2] * 100)} × ${Math.round(list[0][3] * 100)} %`;
  return `${list.length} ${list.length === 1 ? kind.slice(0, -1) : kind}`;
}

// Removes its place, and shows which one that is.
function chip(chips, spot, item, index) {
  const name = `${spot.kind.slice(0, -1)} ${index + 1}`;
  const glow = (on) => layer?.querySelector(`[data-of="${spot.key}"][data-index="${index}"]`)?.classList.toggle("hot", on);
  const button = make("button", {
    type: "button", class: "chip", title: `Remove ${name}`, "aria-label": `${spot.label}: remove ${name}${item[2] ? `, ${item[2]}` : ""}`,
    onmouseenter: () => glow(true), onfocus: () => glow(true), onmouseleave: () => glow(false), onblur: () => glow(false),
    onclick: () => {
      drop(spot, index); // fills the chips anew
      const left = chips.querySelectorAll(".chip");
      (left[Math.min(index, left.length - 1)] ?? document.getElementById(spot.key))?.focus();
    },
  }, item[2] ? "" : String(index + 1));
  if (item[2]) button.style.background = item[2];
  return button;
}

// ---- on the picture

function mark(spot, item, index) {
  const [x, y, third, height] = item;
  const own = spot.key === active;
  const title = own && spot.kind !== "box" ? "Click to remove" : null;
  const away = spot.key.endsWith("-background_points") ? " away" : ""; // takes away: another colour
  const made = make("span", { class: `mark ${spot.kind}${away}${own ? " own" : ""}`, "data-of": spot.key, "data-index": index, title }, spot.kind === "points" ? String(index + 1) : "");
  const size = spot.kind === "box" ? { width: `${third * 100}%`, height: `${height * 100}%` } : {};
  Object.assign(made.style, { left: `${x * 100}%`, top: `${y * 100}%`, ...size });
  if (spot.kind === "dots") made.style.background = third;
  return made;
}

function draw() {
  if (!layer) return;
  const on = find(active)?.picture; // undefined: the photo
  const seen = spots.filter((spot) => (spot.on || spot.key === active) && spot.picture === on).sort((a, b) => Number(a.key === active) - Number(b.key === active));
  layer.replaceChildren(...seen.flatMap((spot) => (spot.key === active && drawn ? [drawn] : items(spot)).map((item, index) => mark(spot, item, index))));
}

// Pick places for that parameter; null ends it.
export function pick(key) {
  if (key && !photo) { tell("error", "Open a photo first, then pick on it"); return; }
  if (key && find(key).picture === "") { tell("error", "Choose the step's picture first, then pick on it"); return; }
  if (key === active) return;
  active = key;
  from = drawn = null;
  document.querySelectorAll("#chain .pick:not(.crop)").forEach((/** @type {any} */ button) => button.setAttribute("aria-pressed", String((button.dataset.pick ?? button.id) === key)));
  layer.classList.toggle("active", Boolean(key) && !picture()); // the second picture has to be shown first
  stage.querySelector(".brush").hidden = Boolean(key);
  stage.querySelector(".picking").hidden = !key;
  stage.querySelector(".picking .how").textContent = key ? HOW[find(key).kind] : "";
  draw();
  if (key) tell("picking", { token: picture() });
  else tell("picked");
}

export function begin() { layer.classList.add("active"); }

// The token of the second picture that is being picked on; empty for the photo.
export function picture() { return find(active)?.picture ?? ""; }

function at(event) {
  const box = layer.getBoundingClientRect();
  const part = (distance, size) => rounded(Math.min(1, Math.max(0, distance / size)));
  return [part(event.clientX - box.left, box.width), part(event.clientY - box.top, box.height)];
}

function down(event) {
  const spot = find(active);
  if (event.button !== 0 || !spot) return;
  event.preventDefault(); // no text gets selected, and the focus stays
  if (spot.kind === "box") {
    from = at(event);
    layer.setPointerCapture(event.pointerId);
  } else if (event.target.closest(".mark")) drop(spot, Number(event.target.dataset.index));
  else put(spot, [...items(spot), spot.kind === "dots" ? [...at(event), colour(spot)] : at(event)]);
}

function move(event) {
  if (!from) return;
  const [x, y] = at(event);
  drawn = [Math.min(x, from[0]), Math.min(y, from[1]), rounded(Math.abs(x - from[0])), rounded(Math.abs(y - from[1]))];
  draw();
}

function lift(event) {
  const box = drawn;
  from = drawn = null;
  if (event.type === "pointerup" && box && Math.min(box[2], box[3]) >= SMALLEST) put(find(active), [box]);
  else draw();
}

export function mount(element) {
  stage = element;
  layer = element.querySelector(".places");
  layer.addEventListener("pointerdown", down);
  layer.addEventListener("pointermove", move);
  layer.addEventListener("pointerup", lift);
  layer.addEventListener("pointercancel", lift);
  element.querySelector("[data-do=picked]").addEventListener("click", () => {
    const button = document.getElementById(active);
    pick(null);
    button?.focus(); // the one that was pressed is gone
  });
  draw(); // after a reload the steps are there before the picture
}

// The chain's parameters changed.
export function show(next) {
  const before = picture();
  spots = next;
  if (active && (!find(active) || picture() !== before)) pick(null);
  document.querySelectorAll("#chain .chips[data-of]").forEach((/** @type {any} */ chips) => fill(chips, find(chips.dataset.of)));
  draw();
}

// Before the bar and the brush hear of them: Esc would cancel the run, Ctrl+Z take back a stroke.
document.addEventListener("keydown", (event) => {
  if (!active) return;
  if (event.key === "Escape") pick(null);
  else if ((event.ctrlKey || event.metaKey) && event.key === "z" && !typing(event)) put(find(active), items(find(active)).slice(0, -1));
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
listen("photo", (next) => { photo = next; });

export const kinds = Object.keys(HOW);
export const stop = () => pick(null);
export const current = () => active;

// What the brush paints: the photo's selection, or a step's own mask, a parameter that is strokes in parts of the photo.
import { listen, tell } from "./bus.js";
import { make } from "./dom.js";
import { drawing } from "./strokes.js";

/** @typedef {import("./types.js").Stroke} Stroke @typedef {import("./types.js").Spot} Spot */
const FINE = 1e5; // parts of the photo are told this finely

let aimed = ""; // the key of the parameter that is painted; empty for the selection

/** @param {number} part */
const rounded = (part) => Math.round(part * FINE) / FINE;

/** Strokes in pixels of a photo as parts of it, or the other way. @param {Stroke[]} strokes @param {{width: number, height: number}} photo */
function inParts(strokes, { width, height }) {
  return strokes.map(({ mode, radius, points }) => ({ mode, radius: rounded(radius / Math.max(width, height)), points: points.map(([x, y]) => [rounded(x / width), rounded(y / height)]) }));
}
/** @param {Stroke[]} strokes @param {{width: number, height: number}} photo @returns {Stroke[]} */
function inPixels(strokes, { width, height }) {
  return strokes.map(({ mode, radius, points }) => ({ mode, radius: radius * Math.max(width, height), points: points.map(([x, y]) => [x * width, y * height]) }));
}

/**
 * The drawing on the picture, as `drawing` makes it. What it gets and sets is the selection, whatever is painted just now.
 * @param {HTMLCanvasElement} canvas @param {Parameters<typeof drawing>[1]} ask
 */
export function aiming(canvas, ask) {
  /** @type {Spot[]} */
  let spots = [];
  /** @type {Stroke[]} */
  let selection = [];
  const spot = () => spots.find((one) => one.key === aimed);
  const pen = drawing(canvas, {
    ...ask,
    done(stroke) {
      if (!aimed) selection = pen.get();
      else if (stroke) spot()?.set(inParts(pen.get(), ask.photo()));
      ask.done(aimed ? null : stroke);
    },
  });

  function show() {
    if (!ask.photo()) return;
    const next = aimed ? inPixels(spot()?.value ?? [], ask.photo()) : selection;
    if (JSON.stringify(next.map(rough)) !== JSON.stringify(pen.get().map(rough))) pen.set(next);
    else pen.redraw();
  }

  listen("aim", (key) => { aimed = key; show(); });
  listen("painted", (next) => {
    spots = next;
    if (aimed && !spot()) tell("aim", "");
    else if (!pen.busy()) show();
  }, true);

  return {
    ...pen,
    get: () => selection,
    shown: () => pen.get().length > 0,
    /** @param {Stroke[]} next */
    set(next) { selection = next; if (!aimed) pen.set(next); },
    /** Nothing is painted any more; whether that was the selection. */
    clear() {
      pen.set([]);
      if (aimed) spot()?.set([]);
      else selection = [];
      return !aimed;
    },
  };
}

/** A stroke as far as two are told apart: its way there and back rounds. @param {Stroke} stroke */
const rough = ({ mode, radius, points }) => [mode, Math.round(radius), points.length, ...points.slice(-1).flat().map(Math.round)];

/** Paint that parameter; empty ends it. @param {string} key */
export function paint(key) {
  tell("aim", key);
  tell(key ? "arm" : "disarm", "");
  mark();
}

/** Buttons say whether theirs is what is painted. */
function mark() {
  document.querySelectorAll("#chain .paint").forEach((button) => button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.of === aimed)));
}
listen("aim", mark);

/** The control on a card. @param {Spot} spot @param {HTMLElement} label @param {object} about */
export function control(spot, label, about) {
  const button = make("button", { ...about, type: "button", class: "pick paint", "data-of": spot.key, "aria-label": `${spot.label}: paint on the photo`, "aria-pressed": String(spot.key === aimed), onclick: () => paint(spot.key === aimed ? "" : spot.key) }, "Paint on the photo");
  const told = make("div", { class: "chips painted", "data-of-strokes": spot.key });
  fill(told, spot);
  return [make("div", { class: "line" }, label, button), told];
}

/** @param {Element} told @param {Spot | undefined} spot */
function fill(told, spot) {
  const count = spot?.value?.length ?? 0;
  const clear = make("button", { type: "button", class: "clear", "aria-label": `${spot?.label}: clear`, onclick: () => spot.set([]) }, "Clear");
  told.replaceChildren(make("span", { class: "count" }, count ? `${count} ${count === 1 ? "stroke" : "strokes"}` : "None yet"), ...(count ? [clear] : []));
}
listen("painted", (/** @type {Spot[]} */ spots) => document.querySelectorAll("#chain .painted").forEach((told) => fill(told, spots.find((spot) => spot.key === /** @type {HTMLElement} */ (told).dataset.ofStrokes))));

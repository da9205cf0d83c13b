// The photos that are open in this page: a strip to go from one to another, each with its own steps, and to mix one into another.
import { listen, tell } from "./bus.js";
import { make } from "./dom.js";
import * as history from "./history.js";
import { icon } from "./icons.js";

/** @typedef {{key: string, name: string, picture: string}} Shelved */
const DRAGGED = "application/x-imgen-photo"; // what a drag of one of them carries

/** @type {Shelved[]} all of them, in the order in which they were opened */
let photos = [];
let current = ""; // the key of the one that is worked on
let closed = ""; // the key of the one that was closed last

/** The others, to choose a second picture from. @returns {Shelved[]} */
export const others = () => photos.filter(({ key }) => key !== current);

/** The photo that a drag carries, if it is one of these. @param {DragEvent} event */
export const dragged = (event) => others().find(({ key }) => key === event.dataTransfer?.getData(DRAGGED));

/**
 * The strip above the picture.
 * @param {HTMLElement} strip
 * @param {{go: (key: string) => void, close: (key: string) => void, worked: () => boolean}} act worked: whether anything was done to the photo that is shown
 */
export function strip(strip, { go, close, worked }) {
  /** @param {Shelved} photo */
  function away({ key, name }) {
    const work = key === current ? worked() : history.worked(key);
    if (work && !confirm(`Close ${name} and what was done to it?`)) return;
    closed = key;
    history.drop(key);
    close(key);
  }

  /** @param {Shelved} photo */
  function item(photo) {
    const { key, name, picture } = photo;
    return make("span", { class: "one" },
      make("button", {
        type: "button", class: "go", "aria-pressed": String(key === current), draggable: "true", title: key === current ? name : `${name}: click to work on it, drag it to a step's picture`,
        onclick: () => { if (key !== current) go(key); },
        ondragstart: (/** @type {DragEvent} */ event) => event.dataTransfer.setData(DRAGGED, key),
      }, make("img", { src: picture, alt: "" }), make("span", {}, name)),
      make("button", { type: "button", class: "icon", title: "Close", "aria-label": `Close ${name}`, onclick: () => away(photo) }, icon("remove")));
  }

  function draw() {
    strip.hidden = photos.length < 2;
    strip.replaceChildren(...photos.map(item));
    strip.querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {Shelved[]} shelf the others @param {Shelved} shown the one that is worked on */
  function know(shelf, shown) {
    const known = [...shelf, shown];
    const kept = photos.filter((one) => known.some((other) => other.key === one.key));
    const fresh = known.filter((one) => !kept.some((other) => other.key === one.key));
    photos = [...kept, ...fresh].map((one) => ({ ...one, picture: shelf.find((/** @type {Shelved} */ other) => other.key === one.key)?.picture || one.picture }));
    current = shown.key;
    draw();
  }

  listen("photo", ({ key, name, shelf = [] }) => know(shelf, { key, name, picture: "" }));
  listen("shelf", ({ shelf }) => know(shelf, photos.find(({ key }) => key === current) ?? { key: current, name: "", picture: "" }));
  listen("thumbnail", (picture) => { thumbnail(picture); draw(); });
}

/** @param {string} picture of the one that is worked on */
function thumbnail(picture) { photos = photos.map((one) => (one.key === current ? { ...one, picture } : one)); }

/** Another photo begins: what was done to the one before is kept. If this one was open, its steps come back, and this tells its strokes. @param {import("./types.js").Photo} photo */
export function back({ key = "" }) {
  if (current && current === closed) { history.anew(); history.quietly(() => tell("steps", [])); }
  else if (current && current !== key) history.leave(current);
  const was = history.returned(key);
  if (was?.chain) history.quietly(() => tell("steps", was.chain));
  return was?.stage;
}

// The part of the picture that is looked at closely, cut by the server at its full size, over the small picture of it all.
import { finders, url } from "./dom.js";
import { number } from "./previews.js";

const PAUSE = 120; // milliseconds of rest before a part is asked for
const AROUND = 0.05; // of the part, to each side: a little move needs no other one
const ENOUGH = 1.1; // as many pixels of the screen on one of the small picture look sharp

/** @typedef {{side: string, of: string, left: number, top: number, width: number, height: number, path: string}} Tile */

/**
 * @param {HTMLElement} element the stage
 * @param {{now: import("./views.js").Now, revision: () => string, trigger: (name: string, detail: object) => void}} about
 */
export function tiling(element, { now, revision, trigger }) {
  const { find } = finders(element);
  const [frame, picture] = [find(".frame"), find(".picture")];
  /** @type {Object<string, {of: string, box: any}>} what was asked for last, by side */
  const asked = {};
  let timer = 0;

  /** What a side shows: its size, and what tells it from others. @param {string} side */
  function seen(side) {
    const one = side === "before" ? now.photo : now.result;
    return one && { width: one.width, height: one.height, of: side === "before" ? `${now.photo.photo}` : `${now.photo?.photo} ${revision()} ${now.result.live}` };
  }

  /** The part on the screen, with a little around it. @param {{width: number, height: number}} size */
  function visible({ width, height }) {
    const [outer, inner] = [frame.getBoundingClientRect(), picture.getBoundingClientRect()];
    const span = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ begin, /** @type {number} */ length, /** @type {number} */ pixels) => {
      const [low, high] = [Math.max(0, (from - begin) / length), Math.min(1, (to - begin) / length)];
      const more = AROUND * (high - low);
      const first = Math.floor(Math.max(0, low - more) * pixels);
      return [first, Math.ceil(Math.min(1, high + more) * pixels) - first, Math.floor(low * pixels), Math.ceil(high * pixels)];
    };
    const [left, wide, fromX, toX] = span(outer.left, outer.right, inner.left, inner.width, width);
    const [top, tall, fromY, toY] = span(outer.top, outer.bottom, inner.top, inner.height, height);
    return { left, top, width: wide, height: tall, fromX, toX, fromY, toY };
  }

  const covers = (/** @type {any} */ one, /** @type {any} */ box) => one.left <= box.fromX && one.top <= box.fromY && one.left + one.width >= box.toX && one.top + one.height >= box.toY && one.width * one.height < 4 * box.width * box.height;

  function ask() {
    for (const side of ["before", "after"]) {
      const what = seen(side);
      const small = find(`.${side}`);
      const hidden = !what || small.hidden || now.second || (side === "after" && now.result.moving);
      const close = what && picture.clientWidth * devicePixelRatio > ENOUGH * small.naturalWidth && what.width > small.naturalWidth;
      if (hidden || !close) { drop(side); continue; }
      const box = visible(what);
      if (box.width < 1 || box.height < 1) continue;
      if (asked[side]?.of === what.of && covers(asked[side].box, box)) continue;
      asked[side] = { of: what.of, box };
      trigger("tile", { run: number(), side, of: what.of, left: box.left, top: box.top, width: box.width, height: box.height });
    }
  }

  function drop(/** @type {string} */ side) {
    delete asked[side];
    find(`.${side}-tile`).hidden = true;
  }

  /** A part came. @param {Tile} tile */
  async function receive(tile) {
    const { side, of, left, top, width, height, path } = tile;
    const image = new Image();
    image.src = url(path);
    await image.decode().catch(() => {}); // a broken one is not shown
    const what = seen(side);
    if (!image.naturalWidth || !what || what.of !== of || asked[side]?.of !== of) return;
    const shown = find(`.${side}-tile`);
    shown.src = image.src;
    const part = (/** @type {number} */ value, /** @type {number} */ whole) => `${100 * value / whole}%`;
    Object.assign(shown.style, { left: part(left, what.width), top: part(top, what.height), width: part(width, what.width), height: part(height, what.height) });
    shown.hidden = false;
  }

  /** What is looked at was changed, or moved; what is no longer true goes at once. */
  function soon() {
    for (const side of ["before", "after"]) {
      if (asked[side] && asked[side].of !== seen(side)?.of) drop(side);
      find(`.${side}-tiles`).hidden = find(`.${side}`).hidden;
    }
    clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE);
  }

  frame.addEventListener("scroll", soon);
  return { soon, receive };
}

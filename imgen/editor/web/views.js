// How the picture is looked at: the original, the result, both; with the selection tinted, and said where it is behind.
import { finders } from "./dom.js";
import * as crop from "./crop.js";
import * as places from "./places.js";
import * as revision from "./revision.js";
import { outline } from "./strokes.js";

/**
 * What the picture knows of itself.
 * @typedef {{
 *   photo: import("./types.js").Photo | null, result: import("./types.js").Result | null,
 *   waiting: import("./types.js").Result | null, second: {token: string, path: string, width: number, height: number} | null,
 *   held: string | null, mode: string, view: string, steps: {cards: number, steps: number}, chosen: boolean, drawn: boolean, tinted: boolean
 * }} Now `waiting` is a result that came while a stroke was being drawn, `second` a step's second picture while places are picked on it,
 *   `held` the view to come back to while the original is held; `chosen` whether the user asked for the view, `drawn` whether the user is
 *   at work with the brush on the original, `tinted` whether the selection is shown
 */

/**
 * @param {{element: HTMLElement, now: Now, busy: () => boolean, brushed: () => boolean, setMode: (mode: string) => void, see: (shown: any) => void}} stage
 *   busy: whether a stroke is being drawn; brushed: whether there is any
 */
export function looking({ element, now, busy, brushed, setMode, see }) {
  const { find, all } = finders(element);
  const picture = find(".picture");
  const canvas = find(".strokes");
  const split = find(".split");

  function comparable() { return Boolean(now.result && now.result.width === now.photo?.width && now.result.height === now.photo?.height); }

  /** @param {string} next */
  function look(next) {
    now.view = next === "compare" && !comparable() ? "result" : next;
    if (now.view !== "original" && !now.result) now.view = "original";
    const compare = now.view === "compare" && !now.second;
    if (compare && now.mode !== "hand") setMode("hand"); // there the pointer moves the line
    const nothing = !now.photo && !now.result; // a made picture is gone again
    picture.hidden = nothing;
    find(".empty").hidden = !nothing;
    if (nothing) find(".empty").append(find(".samples"));
    element.classList.toggle("filled", !nothing);
    find(".brush").hidden = !now.photo || !find(".picking").hidden;
    find(".overlay").style.visibility = now.photo ? "" : "hidden";
    find(".overlay input").checked = now.tinted;
    all("[data-view]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.view === now.view));
      const ready = { original: now.photo, compare: comparable(), result: now.result }[button.dataset.view];
      button.disabled = !ready;
    });
    if (now.view !== "original") find("[data-view=result]").classList.remove("news");
    find(".after").hidden = Boolean(now.second) || now.view === "original";
    find(".before").hidden = Boolean(now.second) || now.view === "result";
    find(".second").hidden = !now.second;
    all(".split, .divider, .tag").forEach((part) => { part.hidden = !compare; });
    // strokes and places are those of the photo as it was opened; a result of the same size shows them as well
    const marked = now.view === "original" || comparable();
    canvas.hidden = Boolean(now.second) || !marked;
    find(".places").hidden = !now.second && (!marked || now.view === "compare");
    if (!now.second && !marked) places.stop();
    if (now.view !== "original") crop.show("");
    find("[data-do=clear]").disabled = !brushed();
    find("[data-do=hold]").disabled = !now.result || !now.photo;
    element.dataset.shows = now.view;
    tint();
    cut();
    freshness();
    see(now.second ?? (now.view === "original" ? now.photo : now.result));
  }

  // The selection, on every view: what was brushed, or what the steps made of it. On a result it is an outline, for
  // the result is to be judged.
  function tint() {
    const selected = now.tinted && now.view !== "original" && now.result?.selection && !now.second && !busy();
    const strong = now.view === "original" || busy() || now.result?.selecting;
    find(".selected").hidden = !selected;
    find(".selected").style.opacity = strong ? "" : "0";
    canvas.style.opacity = !now.tinted || !strong || (selected && !busy()) ? "0" : "";
    const lined = now.tinted && !strong && (selected || (!canvas.hidden && brushed()));
    const line = find(".outline");
    line.hidden = !lined;
    if (!lined) return;
    const shape = selected ? find(".selected") : canvas;
    if (selected) [line.width, line.height] = [shape.naturalWidth, shape.naturalHeight];
    else [line.width, line.height] = [canvas.width, canvas.height];
    outline(line, shape, Math.max(1.5, line.width / Math.max(1, line.getBoundingClientRect().width) * 1.5));
  }

  function cut() {
    const part = Number(split.value);
    const both = now.view === "compare";
    // each side shows its own picture alone: behind a transparent result the photo would be seen
    for (const name of [".before", ".before-tiles"]) find(name).style.clipPath = both ? `inset(0 ${100 - part}% 0 0)` : "";
    for (const name of [".after", ".after-tiles"]) find(name).style.clipPath = both ? `inset(0 0 0 ${part}%)` : "";
    find(".divider").style.left = `${part}%`;
  }

  // Say whether what is shown is what the steps make.
  function freshness() {
    const behind = Boolean(now.result) && now.steps.steps > 0 && now.result.revision !== revision.now();
    element.dataset.fresh = String(Boolean(now.result) && !behind);
    const told = find(".behindhand");
    const shown = behind && now.view !== "original" && !now.second;
    if (told.hidden === shown) told.textContent = shown ? "Not up to date" : "";
    told.hidden = !shown;
  }

  // While the button or the key O is held, the original.
  function hold(/** @type {boolean} */ on) {
    if (!now.result || !now.photo || now.second || on === (now.held !== null)) return;
    const back = now.held;
    now.held = on ? now.view : null;
    look(on ? "original" : back);
  }

  return { look, tint, cut, freshness, hold, comparable };
}

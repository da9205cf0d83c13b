// The picture: brush a selection on it, compare it with the result.
// props.value = {photo, strokes: [{mode, radius, points}], revision}, in pixels of the photo at its full size.
import { listen, tell } from "./bus.js";
import * as crop from "./crop.js";
import { counting, finders, make, typing, url } from "./dom.js";
import * as history from "./history.js";
import * as icons from "./icons.js";
import { opening } from "./opening.js";
import * as places from "./places.js";
import * as revision from "./revision.js";
import { brushPart, drawing, outline } from "./strokes.js";
import { zooming } from "./zoom.js";

const WEAK = "0.16"; // of the tint over a result, which is to be judged

/** @param {import("./types.js").Component} component */
export function stage(component) {
  const { element, trigger, props, watch } = component;
  const { find, all } = finders(element);
  const frame = find(".frame");
  const picture = find(".picture");
  const canvas = find(".strokes");
  const split = find(".split");
  const ring = find(".ring");
  /** @type {import("./types.js").Photo | null} */
  let photo = null;
  /** @type {import("./types.js").Result | null} */
  let result = null;
  let mode = "hand";
  let view = "original";
  let steps = { cards: 0, steps: 0 };
  let chosen = false; // whether the user asked for this view
  let drawn = false; // whether the user is at work with the brush on the original
  /** @type {import("./types.js").Result | null} */
  let waiting = null; // a result that came while a stroke was being drawn
  /** @type {{token: string, path: string, width: number, height: number} | null} */
  let second = null; // the second picture of a step, while places are picked on it
  const coming = { photo: 0, result: 0 }; // count what is loaded, so that the latest is shown
  let tinted = true; // whether the selection is shown

  const busy = (/** @type {boolean} */ on) => { find(".busy").hidden = !on; };

  // ---- the photo

  /** Load a picture before it is shown, so that nothing is drawn over the one before. @param {string} source */
  async function loaded(source) {
    const image = new Image();
    image.src = source;
    await image.decode().catch(() => {}); // shown as broken, like any other
    return image;
  }

  /** Show a loaded picture in place of another. @param {string} name a selector @param {HTMLImageElement} image */
  function swap(name, image) {
    const old = find(name);
    image.className = old.className;
    image.alt = old.alt;
    image.draggable = false;
    image.hidden = old.hidden;
    image.style.cssText = old.style.cssText;
    old.replaceWith(image);
  }

  /** @param {import("./types.js").Photo} next */
  async function begin(next) {
    coming.photo += 1;
    const turn = coming.photo;
    const image = await loaded(url(next.path));
    if (turn !== coming.photo) return;
    coming.result += 1; // what is still being loaded is of the photo before
    const was = next.restored ? history.previous?.entries[history.previous.at]?.state.stage : undefined; // the page was loaded again
    photo = next;
    result = held = null;
    chosen = drawn = false;
    zoom.begin();
    swap(".before", image);
    for (const one of [canvas, find(".outline")]) [one.width, one.height] = [image.naturalWidth, image.naturalHeight];
    strokes.set(was?.strokes ?? []);
    const bits = photo.depth > 8 ? `, ${photo.depth} bit` : "";
    find(".about").replaceChildren(make("strong", { title: photo.name }, photo.name), make("span", {}, `${photo.width} x ${photo.height}${bits}`));
    setMode("hand");
    look("original");
    busy(false);
    tell("thumbnail", thumbnail(image));
    tell("photo", photo);
    history.belongs(photo.token);
    history.quietly(send);
    history.onto(photo.photo, was?.photo);
    // the picture shows its recipe's work already: the steps come switched off
    if (photo.recipe && steps.cards === 0) tell("steps", photo.recipe.map((step) => ({ ...step, enabled: false })));
  }

  /** @param {HTMLImageElement} image */
  function thumbnail(image) {
    const small = document.createElement("canvas");
    [small.width, small.height] = [150, 110];
    const cover = Math.max(150 / image.naturalWidth, 110 / image.naturalHeight);
    const [width, height] = [image.naturalWidth * cover, image.naturalHeight * cover];
    small.getContext("2d").drawImage(image, (150 - width) / 2, (110 - height) / 3, width, height);
    return small.toDataURL("image/jpeg", 0.8);
  }

  // ---- the selection

  function send(label = "Brushed") {
    props.value = { photo: photo.photo, strokes: [...strokes.get()], revision: revision.changed("stage") };
    find("[data-do=clear]").disabled = strokes.get().length === 0;
    history.note("", label);
    tell("selection", { strokes: strokes.get().length });
    freshness();
  }

  history.part("stage", {
    read: () => ({ photo: photo?.photo ?? 0, strokes: photo ? strokes.get() : [] }),
    write: (state) => { // strokes on another photo mean nothing
      if (!photo || state.photo !== photo.photo) return;
      if (JSON.stringify(state.strokes) === JSON.stringify(strokes.get())) return;
      strokes.set(state.strokes);
      send();
      look(view);
    },
  });

  const radius = () => Math.max(0.75, brushPart(Number(find(".size").value)) * Math.max(photo.width, photo.height));

  const strokes = drawing(canvas, {
    photo: () => photo, mode: () => mode, radius, colour: () => getComputedStyle(element).getPropertyValue("--select") || "#ff5c8a",
    begun() { tinted = true; look(view); },
    moved(event) {
      ring.hidden = mode === "box" || mode === "hand" || event.pointerType === "touch";
      if (ring.hidden) return;
      const size = 2 * radius() * canvas.getBoundingClientRect().width / photo.width;
      const box = picture.getBoundingClientRect();
      ring.style.cssText = `width:${size}px;height:${size}px;left:${event.clientX - box.left}px;top:${event.clientY - box.top}px`;
    },
    done(stroke) {
      drawn = view === "original";
      if (stroke) send({ box: "Selected a box", erase: "Erased" }[stroke.mode]);
      look(view);
      if (waiting) show(waiting);
    },
  });
  canvas.addEventListener("pointerleave", () => { ring.hidden = true; });

  /** @param {string} next */
  function setMode(next) {
    mode = next;
    element.dataset.holds = mode;
    ring.hidden = true;
    all("[data-mode]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.mode === mode)));
  }

  // Take a brush: the picture has to be one that it can be used on.
  function brushing(/** @type {string} */ next) {
    setMode(next);
    if (next === "hand") return;
    places.stop();
    crop.show("");
    if (canvas.hidden || view === "compare") look(comparable() ? "result" : "original");
  }
  all("[data-mode]").forEach((button) => button.addEventListener("click", () => brushing(button.dataset.mode)));
  find("[data-do=clear]").addEventListener("click", () => { strokes.set([]); send("Selected nothing"); look(view); });
  listen("arm", () => { if (photo && mode === "hand") brushing("paint"); });
  listen("disarm", () => brushing("hand"));

  // ---- looking

  function comparable() { return Boolean(result && result.width === photo?.width && result.height === photo?.height); }

  /** @param {string} next */
  function look(next) {
    view = next === "compare" && !comparable() ? "result" : next;
    if (view !== "original" && !result) view = "original";
    const compare = view === "compare" && !second;
    if (compare && mode !== "hand") setMode("hand"); // there the pointer moves the line
    const nothing = !photo && !result; // a made picture is gone again
    picture.hidden = nothing;
    find(".empty").hidden = !nothing;
    if (nothing) find(".empty").append(find(".samples"));
    element.classList.toggle("filled", !nothing);
    find(".brush").hidden = !photo || !find(".picking").hidden;
    find(".overlay").style.visibility = photo ? "" : "hidden";
    find(".overlay input").checked = tinted;
    all("[data-view]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
      const ready = { original: photo, compare: comparable(), result }[button.dataset.view];
      button.disabled = !ready;
    });
    if (view !== "original") find("[data-view=result]").classList.remove("news");
    find(".after").hidden = Boolean(second) || view === "original";
    find(".before").hidden = Boolean(second) || view === "result";
    find(".second").hidden = !second;
    all(".split, .divider, .tag").forEach((part) => { part.hidden = !compare; });
    // strokes and places are those of the photo as it was opened; a result of the same size shows them as well
    const marked = view === "original" || comparable();
    canvas.hidden = Boolean(second) || !marked;
    find(".places").hidden = !second && (!marked || view === "compare");
    if (!second && !marked) places.stop();
    if (view !== "original") crop.show("");
    find("[data-do=hold]").disabled = !result || !photo;
    element.dataset.shows = view;
    tint();
    cut();
    freshness();
    zoom.see(second ?? (view === "original" ? photo : result));
  }

  // The selection, on every view: what was brushed, or what the steps made of it. On a result it is an outline with a
  // breath of colour, for the result is to be judged.
  function tint() {
    const selected = tinted && view !== "original" && result?.selection && !second && !strokes.busy();
    const strong = view === "original" || strokes.busy() || result?.selecting;
    find(".selected").hidden = !selected;
    find(".selected").style.opacity = strong ? "" : WEAK;
    canvas.style.opacity = !tinted || (selected && !strokes.busy()) ? "0" : strong ? "" : WEAK;
    const lined = tinted && !strong && (selected || (!canvas.hidden && strokes.get().length > 0));
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
    const both = view === "compare";
    // each side shows its own picture alone: behind a transparent result the photo would be seen
    find(".before").style.clipPath = both ? `inset(0 ${100 - part}% 0 0)` : "";
    find(".after").style.clipPath = both ? `inset(0 0 0 ${part}%)` : "";
    find(".divider").style.left = `${part}%`;
  }

  // Say whether what is shown is what the steps make.
  function freshness() {
    const behind = Boolean(result) && steps.steps > 0 && result.revision !== revision.now();
    element.dataset.fresh = String(Boolean(result) && !behind);
    const told = find(".behindhand");
    const shown = behind && view !== "original" && !second;
    if (told.hidden === shown) told.textContent = shown ? "Not up to date" : "";
    told.hidden = !shown;
  }

  // While the button or the key O is held, the original.
  /** @type {string | null} */
  let held = null; // the view to come back to
  function hold(/** @type {boolean} */ on) {
    if (!result || !photo || second || on === (held !== null)) return;
    const back = held;
    held = on ? view : null;
    look(on ? "original" : back);
  }

  const zoom = zooming(frame, picture, {
    show: (scale, factor) => { find(".percent").textContent = factor === 1 ? "Fit" : `${Math.round(scale * 100)} %`; },
    hand: (event) => mode === "hand" && !places.current() && !crop.cropping() && frame.classList.contains("zoomed") && !/** @type {HTMLElement} */ (event.target).closest(".split, button"),
    drop: () => strokes.drop(),
  });
  find("[data-do=in]").addEventListener("click", () => zoom.by(1.5));
  find("[data-do=out]").addEventListener("click", () => zoom.by(1 / 1.5));
  find("[data-do=fit]").addEventListener("click", zoom.fit);
  const holder = find("[data-do=hold]");
  for (const [event, on] of /** @type {[string, boolean][]} */ ([["pointerdown", true], ["pointerup", false], ["pointerleave", false]])) holder.addEventListener(event, () => hold(on));

  all("[data-view]").forEach((button) => button.addEventListener("click", () => {
    if (second) places.stop();
    chosen = true;
    look(button.dataset.view);
  }));
  find(".overlay input").addEventListener("change", (/** @type {any} */ event) => { tinted = event.target.checked; look(view); });
  split.addEventListener("input", cut);

  // ---- keys

  document.addEventListener("keydown", (event) => {
    if (typing(event) || counting(event) || !(photo || result) || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const size = find(".size");
    /** @type {Object<string, () => void>} */
    const keys = {
      "[": () => { size.value = Number(size.value) - 5; }, "]": () => { size.value = Number(size.value) + 5; },
      "+": () => zoom.by(1.5), "=": () => zoom.by(1.5), "-": () => zoom.by(1 / 1.5), 0: zoom.fit, 1: zoom.full, o: () => hold(true),
      ...(find(".brush").hidden ? {} : { h: () => brushing("hand"), b: () => brushing("paint"), x: () => brushing("box"), e: () => brushing("erase") }),
    };
    if (!keys[event.key]) return;
    keys[event.key]();
    event.preventDefault(); // a number box would take an e for an exponent
  });
  document.addEventListener("keyup", (event) => { if (event.key === "o") hold(false); });

  // ---- what the others and the server say

  opening(component, busy, () => Boolean(photo) && (steps.cards > 0 || strokes.get().length > 0));
  icons.fill(element);
  places.mount(element);
  crop.mount(element);
  setMode("hand");
  listen("cropping", (on) => { if (on && view !== "original") { chosen = true; look("original"); } if (on) setMode("hand"); });
  listen("picking", ({ token }) => {
    crop.show("");
    if (token) { trigger("second", { token }); return; }
    leave();
    if (canvas.hidden || view === "compare") look(comparable() ? "result" : "original");
  });
  listen("picked", leave);
  listen("chain", (next) => { if (next.cards !== steps.cards) drawn = false; steps = next; freshness(); }, true);
  function reset() { coming.result += 1; result = held = null; chosen = false; look("original"); }
  listen("reset", reset);
  listen("stale", () => { if (photo) reset(); }); // what is shown is not what the steps as they are would make
  listen("answer", () => busy(false));
  watch("shown", () => {
    const news = props.shown;
    if (news.picture) begin(news.picture);
    if (news.second) pickOn(news.second);
    if (news.result) receive(news.result);
  });

  // Show a step's second picture as long as places are picked on it; it may have come too late for that.
  function pickOn(/** @type {any} */ next) {
    if (next.token !== places.picture()) return;
    second = next;
    find(".second").src = url(next.path);
    look(view);
    places.begin();
  }

  function leave() {
    if (!second) return;
    second = null;
    look(view);
  }

  /** @param {import("./types.js").Result} next */
  async function receive(next) {
    if (photo && next.photo !== photo.photo) return; // of the photo before
    if (!next.live && next.revision !== revision.now()) return; // the steps were changed during the run
    if (steps.steps === 0) return;
    coming.result += 1;
    const turn = coming.result;
    const [image, selected] = await Promise.all([loaded(url(next.path)), next.selection ? loaded(url(next.selection)) : null]);
    if (turn === coming.result && !(photo && next.photo !== photo.photo)) show({ ...next, image, selected });
  }

  function show(/** @type {import("./types.js").Result} */ next) {
    waiting = strokes.busy() ? next : null;
    if (waiting) return; // the picture stays under the brush
    result = next;
    swap(".after", result.image);
    if (result.selected) swap(".selected", result.selected);
    const best = result.selecting || result.moving || (result.live && view !== "compare") ? "result" : "compare";
    const away = drawn && view === "original" && !comparable(); // the brush could not go on there
    const stays = crop.cropping() || (held !== null) || (result.live && (chosen || away));
    if (stays && view === "original") find("[data-view=result]").classList.add("news");
    look(stays ? view : best);
  }

  if (history.previous?.token) {
    busy(true);
    trigger("restore", { token: history.previous.token });
  }
}

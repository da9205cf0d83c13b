// The picture: brush a selection on it, compare it with the result.
// props.value = {photo, strokes: [{mode, radius, points}], revision}, in pixels of the photo at its full size.
import { aiming } from "./aim.js";
import { listen, tell } from "./bus.js";
import * as crop from "./crop.js";
import { finders, make, thumbnail, url } from "./dom.js";
import * as history from "./history.js";
import * as icons from "./icons.js";
import { keys } from "./keys.js";
import { opening } from "./opening.js";
import * as photos from "./photos.js";
import { loaded, swap } from "./pictures.js";
import * as places from "./places.js";
import * as revision from "./revision.js";
import { ringing } from "./ring.js";
import { brushPart } from "./strokes.js";
import { tiling } from "./tiles.js";
import { looking } from "./views.js";
import { zooming } from "./zoom.js";

/** @param {import("./types.js").Component} component */
export function stage(component) {
  const { element, trigger, props, watch } = component;
  const { find, all } = finders(element);
  const frame = find(".frame");
  const picture = find(".picture");
  const canvas = find(".strokes");
  const split = find(".split");
  /** @type {import("./views.js").Now} */
  const now = {
    photo: null, result: null, second: null, waiting: null, held: null, mode: "hand", view: "original",
    steps: { cards: 0, steps: 0 }, chosen: false, drawn: false, tinted: true,
  };
  const coming = { photo: 0, result: 0 }; // count what is loaded, so that the latest is shown

  function busy(/** @type {boolean} */ on) {
    find(".busy").hidden = !on;
    if (!on) element.classList.remove("restoring");
  }

  // ---- the photo

  /** @param {import("./types.js").Photo} next */
  async function begin(next) {
    coming.photo += 1;
    const turn = coming.photo;
    const image = await loaded(url(next.path));
    if (turn !== coming.photo) return;
    coming.result += 1; // what is still being loaded is of the photo before
    const was = next.restored ? history.previous?.entries[history.previous.at]?.state.stage : photos.back(next); // the page was loaded again, or the photo was open
    now.photo = next;
    now.result = now.held = null;
    now.chosen = now.drawn = false;
    zoom.begin();
    swap(find(".before"), image);
    for (const one of [canvas, find(".outline")]) [one.width, one.height] = [image.naturalWidth, image.naturalHeight];
    strokes.set(was?.strokes ?? []);
    const bits = now.photo.depth > 8 ? `, ${now.photo.depth} bit` : "";
    find(".about").replaceChildren(make("strong", { title: now.photo.name }, now.photo.name), make("span", {}, `${now.photo.width} x ${now.photo.height}${bits}`));
    setMode("hand");
    look("original");
    busy(false);
    tell("photo", now.photo);
    tell("thumbnail", thumbnail(image));
    history.belongs(now.photo.token);
    history.quietly(send);
    history.onto(now.photo.photo, was?.photo);
    // the picture shows its recipe's work already: the steps come switched off
    if (now.photo.recipe && now.steps.cards === 0) tell("steps", now.photo.recipe.map((step) => ({ ...step, enabled: false })));
  }

  // ---- the selection

  function send(label = "Brushed") {
    props.value = { photo: now.photo.photo, strokes: [...strokes.get()], revision: revision.changed("stage") };
    history.note("", label);
    tell("selection", { strokes: strokes.get().length });
    freshness();
  }

  history.part("stage", {
    read: () => ({ photo: now.photo?.photo ?? 0, strokes: now.photo ? strokes.get() : [] }),
    write: (state) => { // strokes on another photo mean nothing
      if (!now.photo || state.photo !== now.photo.photo) return;
      if (JSON.stringify(state.strokes) === JSON.stringify(strokes.get())) return;
      strokes.set(state.strokes);
      send();
      look(now.view);
    },
  });

  const radius = () => Math.max(0.75, brushPart(Number(find(".size").value)) * Math.max(now.photo.width, now.photo.height));

  const strokes = aiming(canvas, {
    photo: () => now.photo, mode: () => now.mode, radius, colour: () => getComputedStyle(element).getPropertyValue("--select") || "#ff5c8a",
    begun() { now.tinted = true; look(now.view); },
    moved: (event) => ring.under(event),
    done(stroke) {
      now.drawn = now.view === "original";
      if (stroke) send({ box: "Selected a box", erase: "Erased" }[stroke.mode]);
      look(now.view);
      if (now.waiting) show(now.waiting);
    },
  });
  const ring = ringing(find, now, radius);

  /** @param {string} next */
  function setMode(next) {
    now.mode = next;
    element.dataset.holds = now.mode;
    ring.hide();
    all("[data-mode]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.mode === now.mode)));
  }

  // Take a brush: the picture has to be one that it can be used on.
  function brushing(/** @type {string} */ next) {
    setMode(next);
    if (next === "hand") return;
    places.stop();
    crop.show("");
    if (canvas.hidden || now.view === "compare") look(comparable() ? "result" : "original");
  }
  all("[data-mode]").forEach((button) => button.addEventListener("click", () => brushing(button.dataset.mode)));
  find("[data-do=clear]").addEventListener("click", () => { if (strokes.clear()) send("Selected nothing"); look(now.view); });
  listen("arm", () => { if (now.photo && now.mode === "hand") brushing("paint"); });
  listen("disarm", () => brushing("hand"));
  listen("aim", () => { now.tinted = true; look(now.view); });

  // ---- looking

  const { look, cut, freshness, hold, comparable } = looking({
    element, now, busy: () => strokes.busy(), brushed: strokes.shown, setMode, see: (shown) => { zoom.see(shown); tiles.soon(); },
  });
  const tiles = tiling(element, { now, revision: revision.now, trigger });
  const zoom = zooming(frame, picture, {
    show: (scale, factor) => { find(".percent").textContent = factor === 1 ? "Fit" : `${Math.round(scale * 100)} %`; tiles.soon(); },
    hand: (event) => now.mode === "hand" && !places.current() && !crop.cropping() && frame.classList.contains("zoomed") && !/** @type {HTMLElement} */ (event.target).closest(".split, button"),
    drop: () => strokes.drop(),
  });
  for (const [name, act] of Object.entries({ in: () => zoom.by(1.5), out: () => zoom.by(1 / 1.5), fit: zoom.fit, full: zoom.full })) find(`[data-do=${name}]`).addEventListener("click", act);
  const holder = find("[data-do=hold]");
  for (const [event, on] of /** @type {[string, boolean][]} */ ([["pointerdown", true], ["pointerup", false], ["pointerleave", false]])) holder.addEventListener(event, () => hold(on));

  all("[data-view]").forEach((button) => button.addEventListener("click", () => {
    if (now.second) places.stop();
    now.chosen = true;
    look(button.dataset.view);
  }));
  find(".overlay input").addEventListener("change", (/** @type {any} */ event) => { now.tinted = event.target.checked; look(now.view); });
  split.addEventListener("input", cut);

  keys({ find, now, zoom, hold, brushing });

  // ---- what the others and the server say

  opening(component, busy, () => Boolean(now.photo) && (now.steps.cards > 0 || strokes.get().length > 0));
  icons.fill(element);
  photos.strip(find(".photos"), {
    go: (key) => { busy(true); trigger("unshelve", { key }); },
    close: (key) => trigger("close_photo", { key }),
    worked: () => now.steps.cards > 0 || strokes.get().length > 0,
  });
  places.mount(element);
  crop.mount(element);
  setMode("hand");
  let cropped = false;
  let begun = Promise.resolve();
  listen("cropping", (on) => {
    if (on && now.view !== "original") { now.chosen = true; look("original"); }
    if (on) setMode("hand");
    else if (cropped && now.result && now.view === "original") look("result");
    cropped = on;
  });
  listen("picking", ({ token }) => {
    crop.show("");
    if (token) { trigger("second", { token }); return; }
    leave();
    if (canvas.hidden || now.view === "compare") look(comparable() ? "result" : "original");
  });
  listen("picked", leave);
  listen("chain", (next) => { if (next.cards !== now.steps.cards) now.drawn = false; now.steps = next; freshness(); }, true);
  function reset() { coming.result += 1; now.result = now.held = null; now.chosen = false; look("original"); }
  listen("reset", reset);
  listen("stale", () => { if (now.photo) reset(); }); // what is shown is not what the steps as they are would make
  listen("answer", () => busy(false));
  watch("shown", () => {
    const news = props.shown;
    if (news.picture) begun = begin(news.picture);
    if (news.shelf) begun.then(() => tell("shelf", news)); // which is newer than what comes with the photo
    if (news.second) pickOn(news.second);
    if (news.result?.looks) tell("looks", news.result.looks);
    if (news.result) receive(news.result);
    if (news.tile) tiles.receive(news.tile);
  });

  // Show a step's second picture as long as places are picked on it; it may have come too late for that.
  function pickOn(/** @type {any} */ next) {
    if (next.token !== places.picture()) return;
    now.second = next;
    find(".second").src = url(next.path);
    look(now.view);
    places.begin();
  }

  function leave() {
    if (!now.second) return;
    now.second = null;
    look(now.view);
  }

  /** @param {import("./types.js").Result} next */
  async function receive(next) {
    if (now.photo && next.photo !== now.photo.photo) return; // of the photo before
    if (!next.live && next.revision !== revision.now()) return; // the steps were changed during the run
    if (now.steps.steps === 0) return;
    coming.result += 1;
    const turn = coming.result;
    const [image, selected] = await Promise.all([loaded(url(next.path)), next.selection ? loaded(url(next.selection)) : null]);
    if (turn === coming.result && !(now.photo && next.photo !== now.photo.photo)) show({ ...next, image, selected });
  }

  function show(/** @type {import("./types.js").Result} */ next) {
    now.waiting = strokes.busy() ? next : null;
    if (now.waiting) return; // the picture stays under the brush
    now.result = next;
    swap(find(".after"), now.result.image);
    if (now.result.selected) swap(find(".selected"), now.result.selected);
    const best = now.result.selecting || now.result.moving || (now.result.live && now.view !== "compare") ? "result" : "compare";
    const away = now.drawn && now.view === "original" && !comparable(); // the brush could not go on there
    const asked = now.chosen && (now.result.live || now.view === "result"); // who looks at the result goes on with it
    const stays = crop.cropping() || (now.held !== null) || asked || (now.result.live && away);
    if (stays && now.view === "original") find("[data-view=result]").classList.add("news");
    look(stays ? now.view : best);
  }

  if (history.previous?.token) {
    busy(true);
    trigger("restore", { token: history.previous.token });
  }
}

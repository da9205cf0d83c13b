// What a choice would give: a strip of small pictures of the person's own photo, one for each value.
import { make, url } from "./dom.js";
import { number } from "./previews.js";

/** @typedef {{value: any, label: string, path: string}} Picture @typedef {{pictures: Picture[], more: boolean, of: string, run: string}} Offer */

/** @type {Map<string, Offer>} what was made last, by the step and its parameter; `of` tells of what */
const known = new Map();
const name = (/** @type {{step: string | number, parameter: string}} */ { step, parameter }) => `${step}-${parameter}`;

/** Pictures came; those of an earlier question are not wanted. @param {{step: string, parameter: string, run: string, pictures: Picture[], more: boolean}} news */
export function receive(news) {
  const key = name(news);
  const asked = known.get(key);
  if (asked?.run !== news.run) return;
  known.set(key, { ...news, of: asked.of });
  document.querySelectorAll(`.offers[data-key="${key}"]`).forEach((strip) => strip.dispatchEvent(new Event("offers")));
}

/**
 * The button that asks for the strip, and the strip.
 * @param {{step: number, parameter: string, value: any, of: string, ask: (detail: object) => void, take: (value: any) => void}} at
 *   `of` is what the pictures depend on, beside the value: with another one they are no longer shown
 */
export function offers({ step, parameter, value, of, ask, take }) {
  const key = name({ step, parameter });
  const strip = make("div", { class: "offers", role: "group", "aria-label": "What each would give", "data-key": key });
  const button = make("button", { type: "button", class: "look", onclick: () => {
    const run = number();
    known.set(key, { pictures: [], more: true, of, run });
    ask({ run, step, parameter });
    draw();
  } }, "See each on your photo");

  function draw() {
    const asked = known.get(key);
    const { pictures: shown, more } = asked?.of === of ? asked : { pictures: [], more: false };
    strip.hidden = !(shown.length || more);
    strip.replaceChildren(...shown.map((picture) => make("button", { type: "button", "aria-pressed": String(picture.value === value), onclick: () => {
      value = picture.value;
      take(value);
      draw();
    } }, make("img", { src: url(picture.path), alt: "" }), make("span", {}, picture.label))));
    if (more) strip.append(make("span", { class: "waiting" }, "Trying each…"));
  }

  strip.addEventListener("offers", draw);
  draw();
  return [button, strip];
}

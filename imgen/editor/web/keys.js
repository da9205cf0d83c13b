// The keys of the picture: tools, brush, zoom, and the original as long as one is held.
import { counting, typing } from "./dom.js";

/** @param {{find: (selector: string) => any, now: import("./views.js").Now, zoom: any, hold: (on: boolean) => void, brushing: (mode: string) => void}} stage */
export function keys({ find, now, zoom, hold, brushing }) {
  document.addEventListener("keydown", (event) => {
    if (typing(event) || counting(event) || !(now.photo || now.result) || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const size = find(".size");
    const wider = (/** @type {number} */ by) => { size.value = Number(size.value) + by; size.dispatchEvent(new Event("input")); };
    /** @type {Object<string, () => void>} */
    const keys = {
      "[": () => wider(-5), "]": () => wider(5),
      "+": () => zoom.by(1.5), "=": () => zoom.by(1.5), "-": () => zoom.by(1 / 1.5), 0: zoom.fit, 1: zoom.full, o: () => hold(true),
      ...(find(".brush").hidden ? {} : { h: () => brushing("hand"), b: () => brushing("paint"), x: () => brushing("box"), e: () => brushing("erase") }),
    };
    if (!keys[event.key]) return;
    keys[event.key]();
    event.preventDefault(); // a number box would take an e for an exponent
  });
  document.addEventListener("keyup", (event) => { if (event.key === "o") hold(false); });
}

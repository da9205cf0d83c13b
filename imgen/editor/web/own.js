// A control that a plugin brings along: its module runs in a page without an origin and speaks with this one in messages.
import { make } from "./dom.js";

const TALLEST = 400; // pixels

/**
 * The frame in which it runs; the usual control below it stays, for keys and numbers.
 * @param {string} tool @param {import("./types.js").Control} control @param {any} row what the frame goes into
 * @param {{value: any, set: (value: any) => void}} at
 */
export function own(tool, control, row, { value, set }) {
  const root = document.documentElement;
  const base = /** @type {any} */ (window).gradio_config?.root || "";
  const frame = make("iframe", { class: "own", sandbox: "allow-scripts", title: control.label, src: `${base}/web/control/${encodeURIComponent(tool)}/${control.name}` });
  const usual = () => row.querySelector("input:not([type=range]), select");
  let latest = value;
  const tell = () => frame.contentWindow?.postMessage({ value: latest, about: control, dark: root.dataset.look !== "light" }, "*");

  function hear(/** @type {MessageEvent} */ { source, data }) {
    if (!frame.isConnected) { removeEventListener("message", hear); return; }
    if (source !== frame.contentWindow || typeof data !== "object" || data === null) return;
    if (data.ready) tell();
    if (Number.isFinite(data.height)) frame.style.height = `${Math.min(TALLEST, Math.max(20, data.height))}px`;
    if ("error" in data) { removeEventListener("message", hear); frame.remove(); return; } // the usual one is there
    if (!("value" in data)) return;
    latest = data.value;
    set(latest);
    row.querySelectorAll("input, select").forEach((/** @type {any} */ one) => { if (one.type !== "checkbox") one.value = typeof latest === "object" ? JSON.stringify(latest) : latest; });
  }

  addEventListener("message", hear);
  row.prepend(frame);
  row.addEventListener("input", () => { const box = usual(); if (box) { latest = box.type === "number" ? Number(box.value) : box.value; tell(); } });
}

// Controls of the special kinds of parameters: a colour, several choices, a file, a curve.
import { make, pick } from "./dom.js";
import { histogram } from "./histogram.js";

const PLACES = Array.from({ length: 101 }, (_, i) => i / 100); // where a curve is drawn
const LARGEST = 4 * 2 ** 20; // bytes of a file, which goes along with every change

/** @typedef {{value: any, set: (value: any) => void, before?: string, file?: {name: string, took: (name: string) => void}}} At */

/** @param {At} at @param {HTMLElement} label @param {object} about */
export function colour({ value, set }, label, about) {
  const box = make("input", { ...about, type: "color", value: value || "#000000", onchange: () => set(box.value) });
  return [make("div", { class: "line" }, label, box)];
}

/** @param {import("./types.js").Control} control @param {At} at @param {HTMLElement} label @param {any} about */
export function choices(control, { value, set }, label, about) {
  label.removeAttribute("for");
  label.id = `${about.id}-label`;
  const boxes = control.choices.map((choice) => make("input", { type: "checkbox", checked: (value ?? []).includes(choice), onchange: () => set(control.choices.filter((_, i) => boxes[i].checked)) }));
  const rows = boxes.map((box, i) => make("label", {}, box, ` ${control.choices[i]}`));
  return [label, make("div", { class: "several", role: "group", "aria-labelledby": label.id, id: about.id }, ...rows)];
}

/** @param {import("./types.js").Control} control @param {At} at @param {HTMLElement} label @param {object} about */
export function file(control, { value, set, file: known }, label, about) {
  const button = make("button", { ...about, type: "button", class: value ? "file chosen" : "file" }, value ? known.name || "from the recipe" : "Choose a file");
  button.addEventListener("click", async () => {
    const chosen = await pick(control.accept?.join(",") ?? "");
    if (!chosen) return;
    if (chosen.size > LARGEST) { button.textContent = `at most ${LARGEST >> 20} MiB`; return; }
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      known.took(chosen.name);
      button.textContent = chosen.name;
      button.classList.add("chosen");
      set(`data:application/octet-stream;base64,${String(reader.result).split(",")[1]}`);
    });
    reader.readAsDataURL(chosen);
  });
  return [make("div", { class: "line" }, label, button)];
}

/**
 * A smooth curve through points that never goes beyond them (PCHIP: Fritsch & Carlson 1980), as the tools draw it.
 * @param {[number, number][]} points @param {number} x
 */
export function smooth(points, x) {
  const last = points.length - 1;
  if (x <= points[0][0]) return points[0][1];
  if (x >= points[last][0]) return points[last][1];
  const wide = points.slice(1).map(([to], i) => to - points[i][0]);
  const steep = points.slice(1).map(([, to], i) => (to - points[i][1]) / wide[i]);
  const ends = (/** @type {number} */ a, /** @type {number} */ b) => { // at the first point, of the two steps after it
    if (steep[b] === undefined) return steep[a];
    const slope = ((2 * wide[a] + wide[b]) * steep[a] - wide[a] * steep[b]) / (wide[a] + wide[b]);
    if (slope * steep[a] <= 0) return 0;
    return steep[a] * steep[b] < 0 && Math.abs(slope) > 3 * Math.abs(steep[a]) ? 3 * steep[a] : slope;
  };
  const slope = (/** @type {number} */ i) => {
    if (i === 0) return ends(0, 1);
    if (i === last) return ends(last - 1, last - 2);
    if (steep[i - 1] * steep[i] <= 0) return 0;
    const [a, b] = [2 * wide[i] + wide[i - 1], wide[i] + 2 * wide[i - 1]];
    return (a + b) / (a / steep[i - 1] + b / steep[i]);
  };
  const i = points.findIndex(([to]) => to > x) - 1;
  const t = (x - points[i][0]) / wide[i];
  const [y, next] = [points[i][1], points[i + 1][1]];
  return y + t * t * (3 - 2 * t) * (next - y) + wide[i] * t * (1 - t) * (slope(i) * (1 - t) - slope(i + 1) * t);
}

// A curve: points that are dragged or moved with the arrow keys; a click adds one, Delete takes one away.
/** @param {import("./types.js").Control} control @param {At} at @param {HTMLElement} label @param {any} about */
export function curve(control, { value, set, before }, label, about) {
  label.removeAttribute("for");
  label.id = `${about.id}-label`;
  /** @type {[number, number][]} */
  const points = structuredClone(Array.isArray(value) ? value : control.default ?? [[0, 0], [1, 1]]);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", "0 0 1 1");
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.append(line);
  histogram(drawing, before ?? "", control.name);
  const area = make("div", { class: "graph", id: about.id, role: "group", "aria-labelledby": label.id, title: "Click to add a point; Delete takes one away" }, /** @type {any} */ (drawing));
  const round = (/** @type {number} */ part) => Math.round(Math.min(1, Math.max(0, part)) * 1000) / 1000;

  function draw(focused = -1) {
    line.setAttribute("points", PLACES.map((x) => `${x},${1 - smooth(points, x)}`).join(" "));
    area.querySelectorAll("button").forEach((button) => button.remove());
    area.append(...points.map(([x, y], i) => make("button", { type: "button", style: `left:${100 * x}%;top:${100 - 100 * y}%`, "aria-label": `Point ${i + 1}: ${x}, ${y}`, "data-point": i })));
    if (focused >= 0) area.querySelectorAll("button")[focused].focus({ preventScroll: true });
  }

  // Each x stays between its neighbours'; returns whether it moved.
  function move(/** @type {number} */ i, /** @type {number} */ x, /** @type {number} */ y) {
    const [low, high] = [(points[i - 1]?.[0] ?? -0.001) + 0.001, (points[i + 1]?.[0] ?? 1.001) - 0.001];
    points[i] = [round(Math.min(high, Math.max(low, x))), round(y)];
    draw(i);
    set(points.map((point) => [...point]));
  }

  const where = (/** @type {PointerEvent} */ event) => {
    const box = area.getBoundingClientRect();
    return /** @type {[number, number]} */ ([round((event.clientX - box.left) / box.width), round(1 - (event.clientY - box.top) / box.height)]);
  };
  let held = -1; // the point under the hand
  area.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const [x, y] = where(event);
    held = Number(/** @type {HTMLElement} */ (event.target).dataset.point ?? -1);
    if (held < 0) {
      if (points.length >= 64 || points.some((point) => Math.abs(point[0] - x) < 0.002)) return;
      points.push([x, y]);
      points.sort((a, b) => a[0] - b[0]);
      held = points.findIndex((point) => point[0] === x);
    }
    area.setPointerCapture(event.pointerId);
    move(held, x, y);
  });
  area.addEventListener("pointermove", (event) => { if (held >= 0 && area.hasPointerCapture(event.pointerId)) move(held, ...where(event)); });
  area.addEventListener("pointerup", () => { held = -1; });
  area.addEventListener("keydown", (event) => {
    const i = Number(/** @type {HTMLElement} */ (event.target).dataset.point ?? -1);
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
    if (i < 0 || !(dx || dy || event.key === "Delete")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key !== "Delete") move(i, points[i][0] + dx / 50, points[i][1] + dy / 50);
    else if (points.length > 2) { points.splice(i, 1); move(Math.max(0, i - 1), ...points[Math.max(0, i - 1)]); }
  });
  draw();
  return [label, area];
}

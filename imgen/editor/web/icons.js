// Icons as lines on a 16x16 grid, drawn here so that they look the same with every font.

/** @type {Object<string, string>} */
const LINES = {
  undo: "M6 3 2.5 6.5 6 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7", redo: "M10 3l3.5 3.5L10 10M13 6.5H6.5a3.5 3.5 0 0 0 0 7H9",
  reset: "M3 8a5 5 0 1 0 1.6-3.7M3 2.5V5.5H6", copy: "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1", up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4", remove: "M3.5 3.5l9 9M12.5 3.5l-9 9", gear: "M2 5h7M12 5h2M2 11h2M7 11h7M10.5 3.4v3.2M5.5 9.4v3.2",
  info: "M8 7.2v4M8 4.6v.4M14 8a6 6 0 1 1-12 0 6 6 0 0 1 12 0z", theme: "M8 2a6 6 0 0 0 0 12zM14 8a6 6 0 1 1-12 0 6 6 0 0 1 12 0z",
  in: "M8 3v10M3 8h10", out: "M3 8h10",
  // kinds of tools
  Edit: "M2.5 13.5l1-3.5 7-7 2.5 2.5-7 7zM9 4.5l2.5 2.5", Create: "M8 2l1.6 4.4L14 8l-4.4 1.6L8 14l-1.6-4.4L2 8l4.4-1.6z",
  Select: "M2.5 5V2.5H5M8 2.5h.5M11 2.5h2.5V5M13.5 8v.5M13.5 11v2.5H11M8.5 13.5H8M5 13.5H2.5V11M2.5 8.5V8",
  Document: "M4 2h5.5L12.5 5v9H4zM9.5 2v3h3",
  list: "M3 4h10M3 8h10M3 12h10", grip: "M6 3.5v.1M10 3.5v.1M6 8v.1M10 8v.1M6 12.5v.1M10 12.5v.1", open: "M4 6l4 4 4-4",
  hand: "M5.5 8.5V4a1 1 0 0 1 2 0v3.5V3a1 1 0 0 1 2 0v4.5V4a1 1 0 0 1 2 0v5.5a4 4 0 0 1-4 4c-2 0-3-1-4-3L2.6 8.6a1 1 0 0 1 1.7-1z",
  brush: "M13.5 2.5 7 9M7 9a2.4 2.4 0 0 0-3.4 1C3 11.5 3 12.5 1.8 13c2 1 5 .8 6-.8A2.4 2.4 0 0 0 7 9z", box: "M2.5 4.5h11v7h-11z",
  erase: "M6 13h7M3 9.5l5.5-6 4.5 4.5-5 5H6z", sheet: "M3 10l5-5 5 5", rename: "M2.5 13.5l1-3.5 7-7 2.5 2.5-7 7z",
  Lab: "M6 2h4M7 2v4l-4 7a1 1 0 0 0 .9 1.5h8.2A1 1 0 0 0 13 13L9 6V2M5 10h6",
};
const SPACE = "http://www.w3.org/2000/svg";

/** @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SPACE, "svg");
  const line = document.createElementNS(SPACE, "path");
  for (const [key, value] of [["viewBox", "0 0 16 16"], ["class", "drawn"], ["aria-hidden", "true"]]) svg.setAttribute(key, value);
  line.setAttribute("d", LINES[name] ?? LINES.Edit);
  svg.append(line);
  return svg;
}

/** Draw the icons that the markup names with data-icon, before its words. @param {HTMLElement} element */
export function fill(element) { element.querySelectorAll("[data-icon]").forEach((one) => one.prepend(icon(/** @type {HTMLElement} */ (one).dataset.icon))); }

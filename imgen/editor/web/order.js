// Rows that are dragged by a handle into another order: with a mouse, a pen or a finger, and by the arrow keys.

/**
 * @param {HTMLElement} list whose children are the rows @param {string} handle a selector
 * @param {(from: number, to: number) => void} move puts a row elsewhere
 */
export function sortable(list, handle, move) {
  /** @type {{row: HTMLElement, from: number, y: number} | null} */
  let held = null;
  const rows = () => /** @type {HTMLElement[]} */ ([...list.children]);

  list.addEventListener("pointerdown", (event) => {
    const grip = /** @type {HTMLElement} */ (event.target).closest(handle);
    if (!grip || event.button !== 0) return;
    const row = rows().find((one) => one.contains(grip));
    held = { row, from: rows().indexOf(row), y: event.clientY };
    grip.setPointerCapture(event.pointerId);
    row.classList.add("dragged");
    event.preventDefault();
  });
  list.addEventListener("pointermove", (event) => {
    if (!held) return;
    const to = target(rows(), held.row, event.clientY);
    held.row.style.transform = `translateY(${event.clientY - held.y}px)`;
    rows().forEach((row, index) => row.classList.toggle("makes-room", index === to && row !== held.row));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    list.addEventListener(end, (event) => {
      if (!held) return;
      const { row, from } = held;
      const to = target(rows(), row, /** @type {PointerEvent} */ (event).clientY);
      held = null;
      row.classList.remove("dragged");
      row.style.transform = "";
      rows().forEach((one) => one.classList.remove("makes-room"));
      if (end === "pointerup" && to !== from) move(from, to);
    });
  }
  list.addEventListener("keydown", (event) => {
    const grip = /** @type {HTMLElement} */ (event.target).closest?.(handle);
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!grip || !by) return;
    event.preventDefault();
    const from = rows().findIndex((row) => row.contains(grip));
    if (rows()[from + by]) move(from, from + by);
  });
}

/** Where a row goes that is let go at that height. @param {HTMLElement[]} rows @param {HTMLElement} row @param {number} y */
function target(rows, row, y) {
  const middles = rows.filter((one) => one !== row).map((one) => { const box = one.getBoundingClientRect(); return box.top + box.height / 2; });
  return middles.filter((middle) => middle < y).length;
}

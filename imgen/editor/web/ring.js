// The ring that shows how large the brush is: under the pointer, and in the middle of what is seen while its size is set.

const LINGER = 1200; // milliseconds that it stays there

/**
 * @param {(selector: string) => any} find @param {import("./views.js").Now} now
 * @param {() => number} radius of the brush, in pixels of the photo
 */
export function ringing(find, now, radius) {
  const [ring, picture, frame, canvas] = [".ring", ".picture", ".frame", ".strokes"].map(find);
  let timer = 0;

  function hide() {
    clearTimeout(timer);
    ring.hidden = true;
  }

  function put(/** @type {number} */ x, /** @type {number} */ y) {
    hide();
    const size = 2 * radius() * canvas.getBoundingClientRect().width / now.photo.width;
    const box = picture.getBoundingClientRect();
    ring.style.cssText = `width:${size}px;height:${size}px;left:${x - box.left}px;top:${y - box.top}px`;
    ring.hidden = false;
  }

  find(".size").addEventListener("input", () => {
    if (!now.photo || canvas.hidden) return;
    const [outer, inner] = [frame.getBoundingClientRect(), picture.getBoundingClientRect()];
    const middle = (/** @type {"left" | "top"} */ from, /** @type {"right" | "bottom"} */ to) => (Math.max(outer[from], inner[from]) + Math.min(outer[to], inner[to])) / 2;
    put(middle("left", "right"), middle("top", "bottom"));
    timer = window.setTimeout(hide, LINGER);
  });
  canvas.addEventListener("pointerleave", hide);

  return {
    hide,
    /** The pointer is there. @param {PointerEvent} event */
    under(event) {
      if (now.mode === "box" || now.mode === "hand" || event.pointerType === "touch") hide();
      else put(event.clientX, event.clientY);
    },
  };
}

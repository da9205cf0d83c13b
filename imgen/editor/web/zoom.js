// The picture's size in its frame: fitted, or zoomed around a place and scrolled; by wheel, keys, hand and two fingers.

const ROOM = 16; // pixels around a fitted picture
const MOST = 16; // screen pixels a pixel of the photo
const SMALL = 240; // screen pixels to which a tiny picture is enlarged when it is fitted
const NARROW = 150; // screen pixels below which a picture has no room for words on it

/**
 * @param {HTMLElement} frame @param {HTMLElement} picture
 * @param {{show: (scale: number, factor: number) => void, hand: (event: PointerEvent) => boolean, drop: () => void}} ask
 *   show: what to do when it changed; hand: whether a press there moves the picture; drop: two fingers are down, nothing is drawn any more
 */
export function zooming(frame, picture, { show, hand, drop }) {
  /** @type {{width: number, height: number} | null} */
  let seen = null; // of the photo or its result
  let factor = 1; // 1 fits
  /** @type {[number, number] | null} */
  let grip = null; // where a pan began

  const fitting = () => Math.min((frame.clientWidth - ROOM) / seen.width, (frame.clientHeight - ROOM) / seen.height, Math.max(3, SMALL / Math.max(seen.width, seen.height)));
  const least = () => Math.min(1, 1 / fitting()); // a small picture may shrink to its own size

  function apply() {
    if (!seen) return;
    const scale = fitting() * factor;
    picture.style.width = `${Math.max(1, seen.width * scale)}px`;
    picture.style.height = `${Math.max(1, seen.height * scale)}px`;
    frame.classList.toggle("zoomed", factor > 1);
    picture.classList.toggle("narrow", seen.width * scale < NARROW);
    show(scale, factor);
  }

  // Zoom so that the place under (x, y) of the window stays there.
  function to(/** @type {number} */ next, /** @type {number} */ x, /** @type {number} */ y) {
    if (!seen) return;
    const before = picture.getBoundingClientRect();
    const [partX, partY] = [(x - before.left) / before.width, (y - before.top) / before.height];
    factor = Math.min(Math.max(next, least()), Math.max(1, MOST / fitting()));
    apply();
    const after = picture.getBoundingClientRect();
    frame.scrollLeft += after.left + partX * after.width - x;
    frame.scrollTop += after.top + partY * after.height - y;
  }

  function by(/** @type {number} */ ratio) {
    const box = frame.getBoundingClientRect();
    to(factor * ratio, box.left + box.width / 2, box.top + box.height / 2);
  }

  frame.addEventListener("wheel", (event) => {
    event.preventDefault();
    to(factor * Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
  }, { passive: false });

  // ---- the hand: its tool, the middle button, or the space bar and any button
  let space = false;
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Node} */ (event.target);
    if (event.key !== " " || !(target === document.body || frame.contains(target))) return;
    space = true;
    frame.classList.add("panning");
    event.preventDefault();
  });
  document.addEventListener("keyup", (event) => { if (event.key === " ") { space = false; frame.classList.remove("panning"); } });

  // ---- two fingers: they zoom and move at once
  /** @type {Map<number, [number, number]>} */
  const fingers = new Map();
  /** @type {{apart: number, factor: number, middle: [number, number]} | null} */
  let pinch = null;
  const pair = () => { const [one, other] = [...fingers.values()]; return { apart: Math.hypot(one[0] - other[0], one[1] - other[1]), middle: /** @type {[number, number]} */ ([(one[0] + other[0]) / 2, (one[1] + other[1]) / 2]) }; };

  frame.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size === 2) {
      drop();
      grip = null;
      pinch = { ...pair(), factor };
    } else if (event.button === 1 || space || (event.button === 0 && hand(event))) {
      grip = [event.clientX + frame.scrollLeft, event.clientY + frame.scrollTop];
      frame.setPointerCapture(event.pointerId);
      frame.classList.add("held");
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  frame.addEventListener("pointermove", (event) => {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (pinch && fingers.size >= 2) {
      const { apart, middle } = pair();
      to(pinch.factor * apart / Math.max(1, pinch.apart), middle[0], middle[1]);
      frame.scrollLeft += pinch.middle[0] - middle[0];
      frame.scrollTop += pinch.middle[1] - middle[1];
      pinch.middle = middle;
    } else if (grip) frame.scrollTo(grip[0] - event.clientX, grip[1] - event.clientY);
    else if (!pinch) return;
    event.stopPropagation();
  }, true);
  for (const end of ["pointerup", "pointercancel"]) {
    frame.addEventListener(end, (event) => {
      fingers.delete(/** @type {PointerEvent} */ (event).pointerId);
      if (pinch) event.stopPropagation(); // the last finger of a pinch draws nothing
      if (!fingers.size) pinch = null;
      grip = null;
      frame.classList.remove("held");
    }, true);
  }
  new ResizeObserver(apply).observe(frame);

  return {
    by,
    fit() { factor = 1; apply(); },
    full() { if (seen) by(1 / (fitting() * factor)); },
    /** @param {{width: number, height: number} | null} next */
    see(next) { seen = next; apply(); },
    begin() { factor = 1; },
  };
}

// The geometry of a crop: a rectangle {left, top, width, height} in parts 0..1 of a picture, and a ratio of its sides in pixels.

/** @typedef {{left: number, top: number, width: number, height: number}} Rectangle */

export const WHOLE = { left: 0, top: 0, width: 1, height: 1 };
const LEAST = 0.02; // a side below that part cannot be gripped any more

const clamp = (/** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) => Math.min(high, Math.max(low, value));
const rounded = (/** @type {number} */ part) => Math.round(part * 1e4) / 1e4;
const tidy = (/** @type {Rectangle} */ { left, top, width, height }) => ({ left: rounded(left), top: rounded(top), width: rounded(width), height: rounded(height) });

/** Moved, and kept inside. @param {Rectangle} rectangle @param {number} x @param {number} y */
export function moved(rectangle, x, y) {
  const { width, height } = rectangle;
  return tidy({ left: clamp(rectangle.left + x, 0, 1 - width), top: clamp(rectangle.top + y, 0, 1 - height), width, height });
}

/**
 * Dragged by a handle: "n", "e", "s", "w" or two of them. What lies opposite stays where it is.
 * @param {Rectangle} rectangle @param {string} handle @param {number} x @param {number} y how far, in parts
 * @param {number} ratio of the sides in parts, width over height; 0 leaves them free
 */
export function resized(rectangle, handle, x, y, ratio = 0) {
  let { left, top } = rectangle;
  let [right, bottom] = [left + rectangle.width, top + rectangle.height];
  if (handle.includes("w")) left = clamp(left + x, 0, right - LEAST);
  if (handle.includes("e")) right = clamp(right + x, left + LEAST, 1);
  if (handle.includes("n")) top = clamp(top + y, 0, bottom - LEAST);
  if (handle.includes("s")) bottom = clamp(bottom + y, top + LEAST, 1);
  if (!ratio) return tidy({ left, top, width: right - left, height: bottom - top });
  // the side that was dragged leads; a corner is led by its width
  const [growsLeft, growsUp] = [handle.includes("w"), handle.includes("n")];
  const leads = handle.includes("e") || handle.includes("w") ? right - left : (bottom - top) * ratio;
  const room = { x: growsLeft ? right : 1 - left, y: growsUp ? bottom : 1 - top };
  const width = Math.min(leads, room.x, room.y * ratio);
  const height = width / ratio;
  return tidy({ left: growsLeft ? right - width : left, top: growsUp ? bottom - height : top, width, height });
}

const HEADROOM = 0.2; // of what is cut off above and below: in photos heads are near the top, and feet are missed less

/** The largest rectangle of that ratio around the middle of another one; one that is lower begins near its top. @param {Rectangle} rectangle @param {number} ratio in parts */
export function shaped(rectangle, ratio) {
  if (!ratio) return rectangle;
  const area = Math.max(rectangle.width * rectangle.height, 0.25);
  const width = Math.min(Math.sqrt(area * ratio), 1, ratio);
  const height = width / ratio;
  const [left, spare] = [rectangle.left + (rectangle.width - width) / 2, rectangle.height - height];
  const top = rectangle.top + spare * (spare > 0 ? HEADROOM : 0.5);
  return tidy({ left: clamp(left, 0, 1 - width), top: clamp(top, 0, 1 - height), width, height });
}

/** How much a picture has to grow when it is turned, so that no corner of its frame is empty. @param {number} degrees @param {number} aspect width over height */
export function grown(degrees, aspect) {
  const angle = Math.abs(degrees) * Math.PI / 180;
  return Math.cos(angle) + Math.sin(angle) * Math.max(aspect, 1 / aspect);
}

// What fits the words that somebody typed: tools and recipes, the likeliest first.

/**
 * How well something fits: 0 not at all; a title counts more than a synonym, and that more than a summary. What only
 * helps others to work, as a selection does, comes after what does the work.
 * @param {string} wanted @param {{title: string, also: string[] | string, about: string, helps?: boolean}} one
 */
export function fit(wanted, one) {
  const words = wanted.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return 1;
  const title = one.title.toLowerCase();
  const also = (Array.isArray(one.also) ? one.also.join(", ") : one.also).toLowerCase();
  const about = one.about.toLowerCase();
  const whole = words.join(" ");
  if (title.startsWith(whole)) return 8;
  const score = (/** @type {string} */ word) => (begins(title, word) ? (one.helps ? 3.5 : 6) : begins(also, word) ? 4 : title.includes(word) ? 3 : begins(about, word) ? 2 : about.includes(word) ? 1 : 0);
  const scores = words.map(score);
  return scores.includes(0) ? 0 : Math.min(...scores) + (also.includes(whole) ? 1 : 0);
}

/** Whether a word of the text begins so. @param {string} text @param {string} start */
function begins(text, start) { return text.split(/[^\p{L}\d]+/u).some((word) => word.startsWith(start)); }

/**
 * Those that fit, the best first; of equals in the order given.
 * @template T @param {string} wanted @param {T[]} all @param {(one: T) => {title: string, also: string[] | string, about: string, helps?: boolean}} about @returns {T[]}
 */
export function search(wanted, all, about) {
  const scored = all.map((one) => /** @type {const} */ ([fit(wanted, about(one)), one])).filter(([score]) => score > 0);
  return scored.sort(([one], [other]) => other - one).map(([, one]) => one);
}

// Which state of the page something belongs to. The steps and the picture each count how often they were changed, and send
// the count along with their values; what the server makes of them comes back with the counts that it was made of.

const counts = { chain: 0, stage: 0 };

/** One of them was changed; returns its count, to be sent with its value. @param {"chain" | "stage"} part */
export function changed(part) {
  counts[part] += 1;
  return counts[part];
}

/** The state as it is. */
export function now() { return `${counts.chain}.${counts.stage}`; }

// Live previews: the latest change wins, and one is at work at a time.
import * as revision from "./revision.js";

const PAUSE = 200; // milliseconds of rest after further changes, before a preview begins that is not quick; the first change begins one
const LONG = 1000; // milliseconds after which a preview under way is spoken of
const QUICK = 400; // milliseconds; previews that take less begin at once, and are let end

export const number = () => String(Date.now()) + Math.random();

/**
 * @param {{wanted: () => boolean, trigger: (name: string, detail: object) => void, slow: (on: boolean) => void}} ask
 *   wanted: whether there is anything to show; slow: the one under way takes long, or is over
 */
export function previews({ wanted, trigger, slow }) {
  /** @type {{run: string, revision: string, since: number} | null} */
  let current = null; // the one under way
  let taken = QUICK; // how long the last one took
  let timer = 0;
  let patience = 0; // the timer of the one under way
  let unwanted = false; // whether the user stopped the latest one
  let changed = 0; // when something was changed last
  let next = false; // whether the timer waits for no rest

  function ask() {
    next = false;
    if (!wanted()) return;
    if (current === null) {
      current = { run: number(), revision: revision.now(), since: Date.now() };
      unwanted = false;
      trigger("preview", { run: current.run });
      patience = window.setTimeout(slow, LONG, true);
    } else if (current.revision !== revision.now() && (taken >= QUICK || Date.now() - current.since > QUICK)) trigger("cancel", { run: current.run }); // its end begins the next
  }

  function ended() {
    clearTimeout(patience);
    slow(false);
    current = null;
  }

  return {
    /** Something was changed. */
    soon() {
      const first = Date.now() - changed > PAUSE;
      changed = Date.now();
      if (next) return; // one act may change several things
      clearTimeout(timer);
      next = wanted() && (taken < QUICK || first);
      if (wanted()) timer = window.setTimeout(ask, next ? 0 : PAUSE);
    },
    /** A run at full size begins: it stops the preview on the server, too. */
    stop() { clearTimeout(timer); next = false; },
    /** Another photo was opened: nobody waits for the preview of the one before. */
    forget() { clearTimeout(timer); next = false; ended(); },
    /** Nobody wants the one under way any more. */
    cancel() { if (current) { unwanted = true; trigger("cancel", { run: current.run }); } },
    /** Whether the user stopped the latest one. */
    unwanted: () => unwanted,
    /** It told how it goes. */
    told() { if (Date.now() - current.since > LONG) slow(true); },
    /** @param {string} run */
    is: (run) => current !== null && current.run === run,
    /** It is over; returns whether nothing was changed meanwhile. Otherwise the next one begins. */
    over() {
      const { revision: of, since } = current;
      ended();
      taken = Date.now() - since;
      const still = of === revision.now();
      if (!still) { clearTimeout(timer); ask(); }
      return still;
    },
  };
}

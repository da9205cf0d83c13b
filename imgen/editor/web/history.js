// Undo, redo, the list of what was done, versions of the whole edit, and the same edit after the page was loaded again.
// A part (the chain, the stage) says how its state is read and put back; states are plain JSON.
import { tell } from "./bus.js";
import { typing } from "./dom.js";

/** @typedef {{chain?: any, stage?: {photo: number, strokes: any[]}}} State */
/** @typedef {{label: string, state: State, picture?: string}} Entry what it looked like, once that is known */
/** @typedef {{name: string, state: State, picture: string}} Version */
/** @typedef {{state: State, entries?: Entry[], at?: number}} Left another photo's work, and its past as long as the page is not loaded again */

const KEY = "imgen-work"; // in sessionStorage: it belongs to this tab, and outlives a reload
const MOST = 200; // entries kept
const STORED = 40; // entries that outlive a reload
const PAUSE = 700; // milliseconds within which changes of one kind, such as a slider's, are one

/** @type {Object<string, {read: () => any, write: (state: any) => void}>} */
const parts = {};
/** @type {{token: string, entries: Entry[], at: number, versions: Version[], left?: Object<string, Left>} | null} */
export const previous = JSON.parse(sessionStorage.getItem(KEY) || "null");
/** @type {Entry[]} */
let entries = previous?.entries ?? [{ label: "Start", state: {} }];
let at = previous?.at ?? 0; // the entry that is shown
/** @type {Version[]} */
let versions = previous?.versions ?? [];
let token = previous?.token ?? "";
/** @type {Object<string, Left>} the work on photos that are not shown, by their keys */
const left = previous?.left ?? {};
let last = { kind: "", time: 0 };
let putting = false; // a state is being put back, part by part

const copy = (/** @type {any} */ state) => JSON.parse(JSON.stringify(state));
const same = (/** @type {any} */ one, /** @type {any} */ other) => JSON.stringify(one) === JSON.stringify(other);
const read = () => copy(Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.read()])));

/** Do something that is no change of the user's. @param {() => void} act */
export function quietly(act) {
  const before = putting;
  putting = true;
  try { act(); } finally { putting = before; }
}

/** @param {State} state */
function put(state) { quietly(() => Object.entries(copy(state)).forEach(([name, value]) => parts[name]?.write(value))); }

function keep() {
  const from = Math.max(0, Math.min(at - STORED / 2, entries.length - STORED));
  const others = Object.fromEntries(Object.entries(left).map(([key, { state }]) => [key, { state }]));
  const few = { token, entries: entries.slice(from, from + STORED), at: at - from, versions, left: others };
  for (const work of [few, { ...few, entries: [entries[at]], at: 0, versions: [] }]) {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(work));
      break;
    } catch {
      sessionStorage.removeItem(KEY); // more than the browser keeps: a reload begins anew
    }
  }
  tell("history", { undo: at > 0, redo: at < entries.length - 1, labels: entries.map((entry) => entry.label), pictures: entries.map((entry) => entry.picture ?? ""), at, versions });
}

/** Say how a part of the state is read and put back. @param {string} name @param {{read: () => any, write: (state: any) => void}} how */
export function part(name, how) {
  parts[name] = how;
  if (!previous) entries[at].state = read();
}

/** Something was changed; `kind` names the control. @param {string} kind @param {string} label */
export function note(kind = "", label = "Changed") {
  if (putting) return;
  const state = read();
  if (same(state, entries[at].state)) return;
  const time = Date.now();
  const goesOn = kind && kind === last.kind && time - last.time < PAUSE && at > 0;
  entries = [...entries.slice(goesOn ? 0 : Math.max(0, at + 2 - MOST), goesOn ? at : at + 1), { label, state }];
  at = entries.length - 1;
  last = { kind, time };
  keep();
}

/** Go to an entry of the list. @param {number} index */
export function go(index) {
  if (!entries[index] || index === at) return;
  at = index;
  last = { kind: "", time: 0 };
  put(entries[at].state);
  keep();
}

export const undo = () => go(at - 1);
export const redo = () => go(at + 1);

/**
 * Another photo is shown, which is no step to undo: strokes on the one before mean nothing on it.
 * @param {number} photo its number @param {number | undefined} was the number that the same photo had before the page was loaded again
 */
export function onto(photo, was) {
  const moved = (/** @type {State} */ state) => ({ ...state, stage: { photo, strokes: state.stage?.photo === was ? state.stage?.strokes ?? [] : [] } });
  const shown = entries[at];
  const all = entries.map((entry) => ({ ...entry, state: moved(entry.state), shown: entry === shown }));
  all.find((entry) => entry.shown).state = read();
  const kept = all.filter((entry, index) => entry.shown || !index || !same(entry.state, all[index - 1].state));
  at = kept.findIndex((entry) => entry.shown);
  if (at > 0 && same(kept[at].state, kept[at - 1].state)) { kept.splice(at - 1, 1); at -= 1; }
  entries = kept.map(({ label, state, picture }) => ({ label, state, picture }));
  versions = versions.map((version) => ({ ...version, state: moved(version.state) }));
  keep();
}

/** A photo is left for another one. @param {string} key */
export function leave(key) { left[key] = { state: read(), entries, at }; }

/** A photo that was left is shown again: its own past takes the place of the other's. @param {string} key @returns {State | undefined} */
export function returned(key) {
  const was = left[key];
  if (!was) return undefined;
  delete left[key];
  entries = was.entries ?? [{ label: "Start", state: {} }];
  at = was.at ?? 0;
  last = { kind: "", time: 0 };
  return was.state;
}

/** Whether anything was done to a photo that was left. @param {string} key */
export const worked = (key) => Boolean(left[key]?.state.chain?.length || left[key]?.state.stage?.strokes.length);

/** The photo that is shown was closed: the next one has no past of its. */
export function anew() { [entries, at] = [[{ label: "Start", state: {} }], 0]; }

/** A photo was closed. @param {string} key */
export function drop(key) { delete left[key]; keep(); }

/** What the work looks like as it is. @param {string} address of a small picture's data */
export function pictured(address) { entries[at].picture = address; keep(); }
export const picture = () => entries[at].picture ?? "";

/** The work has that token on the server. @param {string} given */
export function belongs(given) { token = given; keep(); }

// ---- versions

/** @param {string} name @param {string} shown a picture of it, as the address of its data */
export function version(name, shown) { versions = [...versions.filter((v) => v.name !== name), { name, state: read(), picture: shown }]; keep(); }

/** @param {string} name @param {string} next */
export function rename(name, next) {
  versions = versions.filter((v) => v.name === name || v.name !== next).map((v) => (v.name === name ? { ...v, name: next } : v));
  keep();
}

/** @param {string} name */
export function forget(name) { versions = versions.filter((v) => v.name !== name); keep(); }

/** @param {string} name */
export function back(name) { put(versions.find((v) => v.name === name).state); note("", `Version ${name}`); }

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || typing(event)) return;
  const key = event.key.toLowerCase();
  if (key === "z" && !event.shiftKey) undo();
  else if (key === "y" || (key === "z" && event.shiftKey)) redo();
  else return;
  event.preventDefault();
});

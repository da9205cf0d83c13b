// What the steps want to be told on the picture: places, strokes, crops; and what a choice would give.
import * as cards from "./cards.js";

/** @typedef {import("./cards.js").Step} Step @typedef {import("./cards.js").Desk} Desk @typedef {import("./types.js").Control} Control */

/** A parameter that is places or strokes, as places.js and aim.js take it. @param {Desk} desk @param {Step} step @param {Control} control */
export function spot(desk, step, control) {
  const { kind, label } = control;
  return {
    key: cards.key(step, control), kind, label, none: control.optional ? null : kind === "box" ? undefined : [], on: step.enabled,
    value: step.parameters[control.name], set: cards.setter(desk, step, control), picture: control.on ? step.parameters[control.on] ?? "" : undefined,
  };
}

/** All parameters of those kinds, those of masks too. @param {Desk} desk @param {Step[]} steps @param {string[]} kinds */
export function all(desk, steps, kinds) {
  return cards.withMasks(steps).flatMap((step) => desk.tool(step).controls.filter((control) => kinds.includes(control.kind)).map((control) => spot(desk, step, control)));
}

/**
 * What the pictures of a choice's values are made of, and who makes them; none in a mask.
 * @param {Step[]} steps @param {Step} step @param {Control} control @param {any[]} photo what tells it from others @param {(name: string, detail: object) => void} trigger
 */
export function offer(steps, step, control, photo, trigger) {
  const index = steps.indexOf(step);
  if (index < 0) return null;
  const before = steps.slice(0, index + 1).map((one) => ({ ...cards.kept(one), files: 0, parameters: { ...one.parameters, ...(one === step ? Object.fromEntries(control.name.split(",").map((name) => [name, 0])) : {}) } }));
  return { step: step.id, of: JSON.stringify([photo, before]), ask: (/** @type {object} */ detail) => trigger("offer", { ...detail, index: steps.indexOf(step) }) };
}

/** The crops that are on, as crop.js takes them. @param {Step[]} steps @param {(kind: string, label: string) => void} changed */
export function crops(steps, changed) {
  return steps.filter((step) => step.enabled && step.tool === "crop").map((step, index, on) => ({
    key: `step-${step.id}`, parameters: step.parameters, inside: on.slice(0, index).map((before) => ({ ...before.parameters })),
    set: (/** @type {any} */ values) => { Object.assign(step.parameters, values); changed(`step-${step.id}-crop`, "Cropped"); },
  }));
}

// A task's panel: what to do, and the one or two controls that it takes. The steps behind it are the cards below.
import { make } from "./dom.js";
import { field, key } from "./cards.js";
import { icon } from "./icons.js";
import * as places from "./places.js";

/**
 * The panels of the tasks that the steps are part of, in their order.
 * @param {import("./cards.js").Desk & {removeTask: (task: string) => void, arm: () => void}} desk @param {import("./cards.js").Step[]} steps
 * @param {import("./types.js").Starter[]} starters
 */
export function panels(desk, steps, starters) {
  const tasks = [...new Set(steps.map((step) => step.task).filter(Boolean))];
  return tasks.map((task) => {
    const starter = starters.find((one) => one.task === task.split(".")[0]);
    return starter ? panel(desk, task, starter, (/** @type {number} */ part) => steps.find((step) => step.task === task && step.part === part)) : null;
  }).filter(Boolean);
}

/** @param {any} desk @param {string} task @param {import("./types.js").Starter} starter @param {(part: number) => import("./cards.js").Step | undefined} at */
function panel(desk, task, starter, at) {
  const { title } = starter;
  const controls = starter.shows.flatMap(([part, name]) => {
    const step = at(part);
    const control = step && desk.tool(step).controls.find((/** @type {any} */ one) => one.name === name);
    return control ? [field(desk, step, control, "task-")] : [];
  });
  const switches = starter.switches.flatMap(([part, label]) => {
    const step = at(part);
    if (!step) return [];
    const id = `task-${step.id}-on`;
    const box = make("input", { type: "checkbox", id, checked: step.enabled, onchange: () => { desk.toggle(step, box.checked); desk.render(); } });
    return [make("div", { class: "line" }, box, make("label", { for: id }, label))];
  });
  const picks = starter.picks.flatMap(([part, name, label]) => {
    const step = at(part);
    if (!step || !desk.tool(step).controls.some((/** @type {any} */ one) => one.name === name)) return [];
    const of = key(step, { name });
    return [make("button", { type: "button", class: "pick", "data-pick": of, "aria-pressed": String(places.current() === of), onclick: () => places.pick(places.current() === of ? null : of) }, label)];
  });
  return make("section", { class: "task", "data-of": task.split(".")[0], "aria-label": title },
    make("header", {}, make("h2", {}, title), make("button", { type: "button", class: "icon", title: "Do without it", "aria-label": `Do without ${title}`, onclick: () => desk.removeTask(task) }, icon("remove"))),
    make("p", { class: "summary" }, starter.do || starter.about),
    ...(starter.arms ? [make("div", { class: "line" }, make("button", { type: "button", class: "arm", onclick: desk.arm }, icon("brush"), "Brush"))] : []),
    ...(picks.length ? [make("div", { class: "line picks" }, ...picks)] : []),
    ...switches, ...controls);
}

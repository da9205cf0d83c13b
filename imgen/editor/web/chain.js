// The steps: what is done to the photo. props.value = {steps: [{tool, parameters, enabled}], revision}.
import { paint } from "./aim.js";
import { listen, tell } from "./bus.js";
import * as cards from "./cards.js";
import * as crop from "./crop.js";
import { FIELD, finders, pick, PICTURES, save } from "./dom.js";
import { focused } from "./focus.js";
import * as history from "./history.js";
import * as icons from "./icons.js";
import * as masks from "./masks.js";
import * as menu from "./menu.js";
import { receive } from "./offers.js";
import { sortable } from "./order.js";
import { palette } from "./palette.js";
import * as places from "./places.js";
import * as revision from "./revision.js";
import * as spots from "./spots.js";
import { panels } from "./tasks.js";

/** @typedef {import("./cards.js").Step} Step @typedef {import("./types.js").Tool} Tool @typedef {import("./types.js").Control} Control */

/** @param {import("./types.js").Component} component */
export function chain({ element, trigger, props, upload, watch, known }) {
  const { tools, starters } = known;
  const byName = Object.fromEntries(tools.map((tool) => [tool.name, tool]));
  const toolOf = (/** @type {Step} */ step) => byName[step.tool];
  const { find } = finders(element);
  const list = find(".cards");
  /** @type {Step[]} */
  let steps = [];
  let strokes = 0; // of the brush, which is the selection that the first step gets
  let next = 1; // every step gets a number of its own, so that controls can be told apart
  let thumbnail = "";
  /** @type {Object<string, any>} */
  let looks = {}; // small pictures of what the steps make
  let [photographed, coloured] = [false, false]; // whether there is a photo, and whether that has colours

  function changed(kind = "", label = "Changed") {
    const followed = cards.follow(steps, toolOf, strokes > 0);
    const sent = steps.map((step, index) => cards.sent(step, followed[index].runs));
    props.value = { steps: sent, revision: revision.changed("chain"), shows: steps.findIndex((step) => step.placing) };
    find("[data-do=save]").disabled = steps.length === 0;
    hints(followed);
    places.show(spots.all(desk, steps, places.kinds));
    tell("painted", spots.all(desk, steps, ["painting"]));
    crop.known(spots.crops(steps, changed));
    history.note(kind, label);
    const on = steps.filter((_, index) => followed[index].runs);
    const waits = steps.some((step, index) => step.enabled && !followed[index].runs);
    tell("chain", { steps: on.length, cards: steps.length, waits, creates: Boolean(on.length) && toolOf(on[0]).makes });
  }

  const made = (/** @type {any} */ card) => cards.made(card, (name) => byName[name], () => next++);

  /** @param {import("./types.js").Card[]} wanted @param {string} label */
  function load(wanted, label = "Loaded a recipe") {
    steps = cards.carriedOver(wanted.filter((step) => byName[step.tool]).map(made), steps);
    palettes.show(false);
    render();
    changed("", label);
  }

  // A task or a recipe goes where it can work: what is brushed belongs to the photo as it was opened, so it comes first; the
  // others come last, and forget what the steps before selected.
  function begin(/** @type {import("./types.js").Starter} */ starter) {
    const task = `${starter.task || "recipe"}.${next}`;
    const own = starter.steps.map((card, part) => made({ ...card, enabled: !(card.grey && coloured), ...(starter.task ? { task, part } : {}) }));
    const between = () => made({ tool: "clear_selection", ...(starter.task ? { task, part: -1 } : {}) });
    if (starter.arms === "brush") {
      const clean = steps.length && cards.selectedAfter(own, toolOf, true) && byName.clear_selection ? [between()] : [];
      steps = [...own, ...clean, ...steps];
    } else {
      const used = cards.selectedAfter(steps, toolOf, strokes > 0) && steps.length && byName.clear_selection;
      steps = [...steps, ...(used ? [between()] : []), ...own];
    }
    palettes.show(false);
    render();
    changed("", starter.title);
    if (starter.arms) tell("arm", starter.do);
    else tell("disarm");
    find(`.panels .task:last-child .pick, .panels .task:last-child ${FIELD}, .cards .title`)?.focus({ preventScroll: true });
    find(".scroll").scrollTop = 0;
  }

  // ---- what a card can do

  const name = (/** @type {number} */ index) => toolOf(steps[index]).title;
  const desk = {
    tool: toolOf, tools, changed, render, spot, upload, trigger, offer,
    before: (/** @type {Step} */ step) => masks.before(steps.indexOf(step), looks) || thumbnail,
    part: (/** @type {Tool} */ tool, /** @type {string} */ combine) => made({ tool: tool.name, combine }),
    setMask(/** @type {Step} */ step, /** @type {Step[]} */ parts, /** @type {string} */ label) {
      step.mask = parts;
      render();
      changed("", label);
    },
    place(/** @type {Step} */ step, /** @type {boolean} */ open) {
      steps.forEach((one) => { one.placing = open && one === step; }); // one at a time is looked at
      if (!open) paint("");
      render();
      props.value = { ...props.value, shows: steps.findIndex((one) => one.placing) };
      tell("look");
    },
    arm: () => tell("arm", ""),
    toggle(/** @type {Step} */ step, /** @type {boolean} */ on) {
      step.enabled = on;
      changed("", `${toolOf(step).title} ${on ? "on" : "off"}`);
    },
    move(/** @type {number} */ from, /** @type {number} */ to) {
      const focused = document.activeElement?.classList;
      const title = name(from);
      const [step] = steps.splice(from, 1);
      steps.splice(to, 0, step);
      render();
      const row = list.children[to];
      const wanted = row.querySelector(focused?.contains("grip") ? ".grip" : to < from ? ".up" : ".down");
      (wanted.disabled ? row.querySelector(to < from ? ".down" : ".up") : wanted).focus();
      changed("", `Moved ${title}`);
    },
    remove(/** @type {number} */ index) {
      const title = name(index);
      steps.splice(index, 1);
      render();
      (list.children[Math.min(index, steps.length - 1)]?.querySelector(".remove") || find("[data-do=add]")).focus();
      changed("", `Removed ${title}`);
    },
    removeTask(/** @type {string} */ task) {
      steps = steps.filter((step) => step.task !== task);
      tell("disarm");
      render();
      (find(".task .icon") ?? find(steps.length ? "[data-do=add]" : ".search input")).focus({ preventScroll: true });
      changed("", "Did without it");
    },
    duplicate(/** @type {number} */ index) {
      steps.splice(index + 1, 0, { ...made(steps[index]), task: "", open: true });
      render();
      list.children[index + 1].querySelector(".copy").focus();
      changed("", `Duplicated ${name(index)}`);
    },
    reset(/** @type {number} */ index) {
      const step = steps[index];
      const pictures = toolOf(step).controls.filter((c) => c.kind === "picture").map((c) => [c.name, step.parameters[c.name]]);
      step.parameters = { ...cards.defaults(toolOf(step)), ...Object.fromEntries(pictures.filter(([, value]) => value)) };
      render();
      list.children[index].querySelector(".reset").focus();
      changed("", `Reset ${name(index)}`);
    },
  };

  /** Tell on every card what the selection means for it. @param {{text: string}[]} followed */
  function hints(followed) {
    followed.forEach(({ text }, index) => {
      const hint = list.children[index].querySelector(".hint");
      hint.textContent = text;
      hint.classList.toggle("missing", /^(Needs|Waits)/.test(text));
    });
  }

  function spot(/** @type {Step} */ step, /** @type {Control} */ control) { return spots.spot(desk, step, control); }
  function offer(/** @type {Step} */ step, /** @type {Control} */ control) { return photographed || toolOf(step).makes ? spots.offer(steps, step, control, [thumbnail.slice(-40), strokes], trigger) : null; }

  function render() {
    const refocus = focused(element, list);
    list.replaceChildren(...steps.map((step, index) => cards.card(desk, step, index, steps.length)));
    masks.looked(list, looks);
    const made = panels(desk, steps, starters);
    find(".panels").replaceChildren(...made);
    find(".behind").hidden = !made.length;
    hints(cards.follow(steps, toolOf, strokes > 0));
    refocus();
    element.classList.toggle("unused", steps.length === 0);
    if (steps.length === 0) palettes.show(true);
  }

  // A panel and a card may show the same parameter: what was not touched follows.
  element.addEventListener("change", (event) => {
    const inPanel = find(".panels").contains(event.target);
    const inCard = list.contains(event.target) && find(".panels").children.length;
    if (inPanel || inCard) render();
  });

  // ---- what else happens

  icons.fill(element);
  const palettes = palette(element, tools, starters, {
    starter: begin,
    tool(tool) {
      steps.push(made({ tool: tool.name }));
      render();
      changed("", `Added ${tool.title}`);
      const added = list.lastElementChild;
      added.scrollIntoView({ block: "nearest" });
      (added.querySelector(`.field ${FIELD}:enabled, .field select, .field button`) ?? added.querySelector("input")).focus({ preventScroll: true });
      if (added.querySelector(".hint.missing")) tell("arm", "");
      if (tool.name === "crop" && photographed) crop.show(`step-${steps.at(-1).id}`);
    },
  });
  menu.past(element);
  menu.recipes(element, starters, begin, () => thumbnail);
  sortable(list, ".grip", desk.move);
  find("[data-do=undo]").addEventListener("click", history.undo);
  find("[data-do=redo]").addEventListener("click", history.redo);
  find("[data-do=installed]").addEventListener("click", () => tell("dialog", { name: "installed" }));
  find("[data-do=theme]").addEventListener("click", () => tell("theme"));
  find("[data-do=sheet]").addEventListener("click", () => {
    const low = element.classList.toggle("low");
    find("[data-do=sheet]").setAttribute("aria-expanded", String(!low));
  });
  find("[data-do=save]").addEventListener("click", () => trigger("save_recipe"));
  find("[data-do=load]").addEventListener("click", async () => recipe(await pick(`application/json,.json,${PICTURES}`)));

  /** @param {File} file */
  async function recipe(file) {
    if (/\.json$/i.test(file.name) || file.type === "application/json") trigger("load_recipe", { text: await file.text() });
    else trigger("load_recipe", { path: (await upload(file)).path, name: file.name });
  }
  history.part("chain", {
    read: () => steps.map(cards.kept),
    write: load,
  });
  listen("recipe", recipe); // a file was dropped
  listen("steps", load);
  listen("looks", (news) => { looks = news; masks.looked(list, looks); });
  listen("selection", (selection) => {
    const before = strokes > 0;
    strokes = selection.strokes;
    if (before !== strokes > 0) history.quietly(() => changed()); // steps that wait for it begin, or wait again
  });
  listen("history", ({ undo, redo }) => { find("[data-do=undo]").disabled = !undo; find("[data-do=redo]").disabled = !redo; }, true);
  listen("photo", (next) => { const first = !photographed; [photographed, coloured] = [true, next.coloured]; if (first) render(); }); // with what cards offer on it
  listen("thumbnail", (picture) => { thumbnail = picture; palettes.picture(picture); });
  watch("shown", () => {
    const { steps: loaded, attached, file, offers } = props.shown;
    if (file) { save(file); tell("kept"); }
    const step = attached && cards.withMasks(steps).find((s) => String(s.id) === attached.step);
    if (step && attached.token) {
      step.parameters[attached.parameter] = attached.token;
      step.files[attached.parameter] = attached.name;
      render();
      changed("", `Chose ${attached.name}`);
    } else if (step) { // the upload was refused, as the bar says
      render();
    }
    if (loaded) load(loaded);
    if (offers) receive(offers);
  });
  render();
  const before = history.previous?.entries[history.previous.at]?.state.chain;
  if (before?.length) history.quietly(() => load(before));
}

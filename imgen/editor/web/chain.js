// The steps as cards. props.value = {steps: [{tool, parameters, enabled}]}.
const { make, tell, listen, pick, save, places, history, fields, badge, icons } = window.imgen;
const { tools, starters } = props.given;
const byName = Object.fromEntries(tools.map((tool) => [tool.name, tool]));
const find = (selector) => element.querySelector(selector);
const cards = find(".cards");
let steps = [];
let strokes = 0; // of the brush, which is the selection that the first step gets
let next = 1; // every step gets a number of its own, so that controls can be told apart

function changed(kind = "") {
  props.value = { steps: steps.map(({ tool, parameters, enabled }) => ({ tool, parameters: { ...parameters }, enabled })) };
  find("[data-do=save]").disabled = steps.length === 0;
  hints();
  places.show(steps.flatMap((step) => byName[step.tool].controls.filter((c) => places.kinds.includes(c.kind)).map((c) => spot(step, c))));
  history.note(kind);
  const on = steps.filter((step) => step.enabled);
  tell("chain", { steps: on.length, cards: steps.length, creates: Boolean(on.length) && byName[on[0].tool].group === "Create" });
}

function defaults(tool) {
  const known = tool.controls.filter((c) => c.kind !== "picture" && c.default !== undefined && (c.default !== null || c.optional));
  return Object.fromEntries(known.map((control) => [control.name, control.default]));
}

function made({ tool, parameters = {}, enabled = true, files = {} }) {
  return { id: next++, tool, parameters: { ...defaults(byName[tool]), ...parameters }, enabled, files: { ...files } };
}

function load(list) {
  steps = list.filter((step) => byName[step.tool]).map(made);
  palette.show(false);
  render();
  changed();
}

// ---- cards

function move(index, by) {
  const [step] = steps.splice(index, 1);
  steps.splice(index + by, 0, step);
  render();
  const button = cards.children[index + by].querySelector(by < 0 ? ".up" : ".down");
  (button.disabled ? cards.children[index + by].querySelector(by < 0 ? ".down" : ".up") : button).focus();
  changed();
}

function remove(index) {
  steps.splice(index, 1);
  render();
  (cards.children[Math.min(index, steps.length - 1)]?.querySelector(".remove") || find("[data-do=add]")).focus();
  changed();
}

function duplicate(index) {
  steps.splice(index + 1, 0, made(steps[index]));
  render();
  cards.children[index + 1].querySelector(".copy").focus();
  changed();
}

function reset(index) {
  const step = steps[index];
  const pictures = byName[step.tool].controls.filter((c) => c.kind === "picture").map((c) => [c.name, step.parameters[c.name]]);
  step.parameters = { ...defaults(byName[step.tool]), ...Object.fromEntries(pictures.filter(([, value]) => value)) };
  render();
  cards.children[index].querySelector(".reset").focus();
  changed();
}

function card(step, index) {
  const tool = byName[step.tool];
  const icon = (label, name, act, disabled = false) =>
    make("button", { type: "button", "aria-label": `${label} ${tool.title}`, title: label, onclick: act, disabled, class: `icon ${name}` }, icons.icon(name));
  const on = make("input", { type: "checkbox", "aria-label": `${tool.title} is on`, title: "On or off", checked: step.enabled });
  on.addEventListener("change", () => { step.enabled = on.checked; item.classList.toggle("off", !on.checked); changed(); });
  const item = make("li", { class: step.enabled ? "card" : "card off", "data-tool": step.tool, "data-group": tool.group },
    make("header", {}, on, icons.icon(tool.group), make("h2", { title: tool.summary }, tool.title),
      icon("Reset", "reset", () => reset(index)),
      icon("Duplicate", "copy", () => duplicate(index)),
      icon("Move up", "up", () => move(index, -1), index === 0),
      icon("Move down", "down", () => move(index, 1), index === steps.length - 1),
      icon("Remove", "remove", () => remove(index))),
    make("p", { class: "summary" }, tool.summary),
    make("p", { class: "hint" }),
    ...controls(step, tool),
    ...terms(tool));
  return item;
}

function controls(step, tool) {
  const made = tool.controls.map((control) => field(step, control));
  const [x, y] = ["x", "y"].map((side) => made[tool.controls.findIndex((control) => control.pad === side)]);
  return x && y ? [fields.pad(x, y), ...made] : made;
}

// What its models were trained on, and what they may be used for.
function terms(tool) {
  if (!tool.models.length) return [];
  const lines = tool.models.map(({ name, terms }) => make("li", {}, make("b", {}, name), ` ${terms}`));
  return [make("details", { class: "terms" }, make("summary", {}, badge(tool) || "Models"), make("ul", {}, ...lines))];
}

// Tell on every card what the selection means for it, following it through the steps before.
function hints() {
  let selected = strokes > 0;
  steps.forEach((step, index) => {
    const tool = byName[step.tool];
    const own = tool.controls.some((control) => control.kind === "picture");
    let text = "";
    if (step.enabled && tool.needs && !own && !selected) text = "Needs a selection: brush over the picture";
    else if (step.enabled && tool.effect === "obeys" && selected) text = "Only inside the selection";
    const hint = cards.children[index].querySelector(".hint");
    hint.textContent = text;
    hint.classList.toggle("missing", text.startsWith("Needs"));
    if (!step.enabled) return;
    if (tool.effect === "selects") selected = true;
    if (tool.effect === "clears") selected = false;
  });
}

// ---- parameters

function field(step, control) {
  return fields.field(control, {
    id: key(step, control), value: step.parameters[control.name], set: setter(step, control),
    spot: spot(step, control), picture: (about) => pictureButton(step, control, about),
  });
}

// A parameter that is places, as places.js takes it.
function spot(step, control) {
  const none = control.optional ? null : control.kind === "box" ? undefined : [];
  const { kind, label } = control;
  const picture = control.on ? step.parameters[control.on] ?? "" : undefined;
  return { key: key(step, control), kind, label, none, picture, on: step.enabled, value: step.parameters[control.name], set: setter(step, control) };
}

function key(step, control) { return `step-${step.id}-${control.name}`; }

function setter(step, control) {
  return (value) => { step.parameters[control.name] = value; changed(key(step, control)); };
}

function pictureButton(step, control, about) {
  const has = step.parameters[control.name];
  const name = (has && step.files[control.name]) || (has ? "from the recipe" : "Choose a picture");
  const take = async (file) => {
    button.textContent = "Uploading…";
    try {
      const { path } = await upload(file);
      trigger("attach", { path, name: file.name, tool: step.tool, step: step.id, parameter: control.name });
    } catch (error) {
      tell("error", `${file.name} could not be uploaded: ${error.message}`);
      render();
    }
  };
  const button = make("button", { ...about, type: "button", class: has ? "file chosen" : "file", title: "Choose a picture, or drop one here",
    onclick: async () => take(await pick(window.imgen.PICTURES)),
    ondrop: (event) => { event.preventDefault(); event.stopPropagation(); tell("dropped"); if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]); } }, name);
  return button;
}

// What gives the focus back to the control that has it, once the cards are made anew.
function focused() {
  const at = [...cards.children].findIndex((one) => one.contains(document.activeElement));
  if (at < 0) return () => {};
  const all = () => [...cards.children[at]?.querySelectorAll("input, select, button") ?? []];
  const index = all().indexOf(document.activeElement);
  const { tool } = cards.children[at].dataset;
  return () => { if (cards.children[at]?.dataset.tool === tool) all()[index]?.focus({ preventScroll: true }); };
}

function render() {
  const refocus = focused();
  cards.replaceChildren(...steps.map(card));
  refocus();
  element.classList.toggle("unused", steps.length === 0);
  if (steps.length === 0) palette.show(true);
}

// ---- what else happens

icons.fill(element);
const palette = window.imgen.palette(element, tools, (tool) => {
  steps.push(made({ tool: tool.name }));
  render();
  changed();
  const added = cards.lastElementChild;
  added.scrollIntoView({ block: "nearest" });
  (added.querySelector(".field input:enabled, .field select, .field button") ?? added.querySelector("input")).focus({ preventScroll: true });
});
window.imgen.recipes(element, starters, load);
find("[data-do=undo]").addEventListener("click", history.undo);
find("[data-do=redo]").addEventListener("click", history.redo);
find("[data-do=installed]").addEventListener("click", () => tell("dialog", "installed"));
find("[data-do=theme]").addEventListener("click", () => tell("theme"));
find("[data-do=save]").addEventListener("click", () => trigger("save_recipe"));
find("[data-do=load]").addEventListener("click", async () => recipe(await pick(`application/json,.json,${window.imgen.PICTURES}`)));

async function recipe(file) {
  if (/\.json$/i.test(file.name) || file.type === "application/json") trigger("load_recipe", { text: await file.text() });
  else trigger("load_recipe", { path: (await upload(file)).path, name: file.name });
}

history.part("chain", {
  read: () => steps.map(({ tool, parameters, enabled, files }) => ({ tool, parameters, enabled, files })),
  write: load,
});
listen("recipe", recipe); // a file was dropped
listen("steps", load);
listen("selection", (selection) => { strokes = selection.strokes; hints(); });
listen("history", ({ undo, redo }) => { find("[data-do=undo]").disabled = !undo; find("[data-do=redo]").disabled = !redo; });
watch("shown", () => {
  const { steps: loaded, attached, file } = props.shown;
  if (file) save(file);
  const step = attached && steps.find((s) => String(s.id) === attached.step);
  if (step && attached.token) {
    step.parameters[attached.parameter] = attached.token;
    step.files[attached.parameter] = attached.name;
    render();
    changed();
  } else if (step) { // the upload was refused, as the bar says
    render();
    hints();
  }
  if (loaded) load(loaded);
});
render();
if (history.previous?.now?.chain?.length) { load(history.previous.now.chain); history.adopt(history.previous.versions); }

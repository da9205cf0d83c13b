// The steps as cards, and the palette that adds to them. props.value = {steps: [{tool, parameters, enabled}]}.
const { make, tell, listen, pick, save, places } = window.imgen;
const tools = props.given.tools;
const byName = Object.fromEntries(tools.map((tool) => [tool.name, tool]));
const find = (selector) => element.querySelector(selector);
const cards = find(".cards");
const palette = find(".palette");
let steps = [];
let strokes = 0; // of the brush, which is the selection that the first step gets
let next = 1; // every step gets a number of its own, so that controls can be told apart

function changed() {
  props.value = { steps: steps.map(({ tool, parameters, enabled }) => ({ tool, parameters: { ...parameters }, enabled })) };
  find("[data-do=save]").disabled = steps.length === 0;
  hints();
  places.show(steps.flatMap((step) => byName[step.tool].controls.filter((c) => places.kinds.includes(c.kind)).map((c) => spot(step, c))));
  tell("chain", { steps: steps.filter((step) => step.enabled).length });
}

function defaults(tool) {
  const known = tool.controls.filter((c) => c.kind !== "picture" && c.default !== undefined && (c.default !== null || c.optional));
  return Object.fromEntries(known.map((control) => [control.name, control.default]));
}

function add(name, parameters, enabled = true) {
  const tool = byName[name];
  steps.push({ id: next++, tool: name, parameters: { ...defaults(tool), ...parameters }, enabled, files: {} });
}

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

function card(step, index) {
  const tool = byName[step.tool];
  const icon = (label, text, more, act) =>
    make("button", { type: "button", "aria-label": `${label} ${tool.title}`, title: label, onclick: act, ...more, class: `icon ${more.class}` }, text);
  const on = make("input", { type: "checkbox", "aria-label": `${tool.title} is on`, title: "On or off", checked: step.enabled });
  on.addEventListener("change", () => { step.enabled = on.checked; item.classList.toggle("off", !on.checked); changed(); });
  const item = make("li", { class: step.enabled ? "card" : "card off", "data-tool": step.tool },
    make("header", {}, on, make("h2", {}, tool.title),
      icon("Move up", "↑", { class: "up", disabled: index === 0 }, () => move(index, -1)),
      icon("Move down", "↓", { class: "down", disabled: index === steps.length - 1 }, () => move(index, 1)),
      icon("Remove", "✕", { class: "remove" }, () => remove(index))),
    make("p", { class: "summary" }, tool.summary),
    make("p", { class: "hint" }),
    ...tool.controls.map((control) => field(step, control)),
    ...terms(tool));
  return item;
}

// What its models were trained on, and what they may be used for.
function terms(tool) {
  if (!tool.models.length) return [];
  const lines = tool.models.map(({ name, terms }) => make("li", {}, make("b", {}, name), ` ${terms}`));
  return [make("details", { class: "terms" }, make("summary", {}, badge(tool) || "Models"), make("ul", {}, ...lines))];
}

function badge(tool) {
  return tool.models.some(({ terms }) => terms.includes("research")) ? "Models for research only" : "";
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

// A parameter that is places, as places.js takes it.
function spot(step, control) {
  const none = control.optional ? null : control.kind === "box" ? undefined : [];
  const { kind, label } = control;
  return { key: key(step, control), kind, label, none, on: step.enabled, value: step.parameters[control.name], set: setter(step, control) };
}

function key(step, control) { return `step-${step.id}-${control.name}`; }

function setter(step, control) {
  return (value) => { step.parameters[control.name] = value; changed(); };
}

function field(step, control) {
  const id = key(step, control);
  const set = setter(step, control);
  const help = control.help ? make("small", { id: `${id}-help` }, control.help) : null;
  const row = make("div", { class: `field ${control.kind}` });
  const label = make("label", { for: id }, control.label);
  const value = step.parameters[control.name];
  const about = { id, "aria-describedby": help ? `${id}-help` : null };
  if (control.kind === "flag" && !control.optional) {
    const box = make("input", { ...about, type: "checkbox", checked: Boolean(value), onchange: () => set(box.checked) });
    row.append(make("div", { class: "line" }, box, label));
  } else if (control.kind === "choice") {
    const options = [...(control.optional ? [null] : []), ...control.choices];
    const list = make("select", { ...about, onchange: () => set(options[list.selectedIndex]) },
      ...options.map((o) => make("option", { selected: o === value }, o === null ? "automatic" : String(o))));
    row.append(make("div", { class: "line" }, label, list));
  } else if (control.kind === "picture") {
    row.append(make("div", { class: "line" }, label, pictureButton(step, control, about)));
  } else if (places.kinds.includes(control.kind)) {
    row.append(...places.control(spot(step, control), label, about));
  } else if (control.kind === "number" || control.kind === "integer") {
    row.append(...number(control, about, label, value, set));
  } else {
    const shown = control.kind === "text" || typeof value === "string" ? value ?? "" : JSON.stringify(value);
    const text = make("input", { ...about, type: "text", value: shown, onchange: () => set(text.value === "" && control.optional ? null : text.value) });
    row.append(label, text);
  }
  if (help) row.append(help);
  return row;
}

function number(control, about, label, value, set) {
  const { min, max, step } = control;
  const limits = { min, max, step: control.kind === "integer" ? 1 : step ?? "any" };
  const start = value ?? control.default ?? (step ? Math.round((min + (max - min) / 4) / step) * step : min ?? 0);
  const box = make("input", { ...about, ...limits, type: "number", value: start });
  const slider = step ? make("input", { ...limits, type: "range", value: start, "aria-label": control.label }) : null;
  const take = (text) => {
    const typed = Number(text);
    if (text === "" || !Number.isFinite(typed)) return;
    set(control.kind === "integer" ? Math.round(typed) : typed);
  };
  box.addEventListener("input", () => { if (slider) slider.value = box.value; take(box.value); });
  slider?.addEventListener("input", () => { box.value = slider.value; take(slider.value); });
  if (!control.optional) return [make("div", { class: "line" }, label, box), ...(slider ? [slider] : [])];
  const toggle = make("input", { type: "checkbox", id: `${about.id}-auto`, checked: value === null || value === undefined });
  const follow = () => [box, slider].forEach((input) => { if (input) input.disabled = toggle.checked; });
  toggle.addEventListener("change", () => { follow(); toggle.checked ? set(null) : take(box.value); });
  follow();
  const automatic = make("span", { class: "auto" }, toggle, make("label", { for: `${about.id}-auto` }, "automatic"));
  return [make("div", { class: "line" }, label, automatic, box), ...(slider ? [slider] : [])];
}

function pictureButton(step, control, about) {
  const has = step.parameters[control.name];
  const name = step.files[control.name] || (has ? "from the recipe" : control.required ? "Choose a picture" : "Choose, or use the selection");
  return make("button", { ...about, type: "button", class: has ? "file chosen" : "file", onclick: async (event) => {
    const button = event.currentTarget;
    const file = await pick(window.imgen.PICTURES);
    button.textContent = "Uploading…";
    try {
      const { path } = await upload(file);
      step.files[control.name] = file.name;
      trigger("attach", { path, name: file.name, tool: step.tool, step: step.id, parameter: control.name });
    } catch (error) {
      tell("error", `${file.name} could not be uploaded: ${error.message}`);
      render();
    }
  } }, name);
}

function render() {
  cards.replaceChildren(...steps.map(card));
  element.classList.toggle("unused", steps.length === 0);
  if (steps.length === 0) show(true);
}

function show(open) {
  palette.classList.toggle("open", open);
  find("[data-do=add]").setAttribute("aria-expanded", String(open));
}

function list() {
  const wanted = find(".search input").value.trim().toLowerCase();
  const fits = (tool) => `${tool.title} ${tool.name} ${tool.summary} ${tool.group}`.toLowerCase().includes(wanted);
  const groups = [...new Set(tools.map((tool) => tool.group))];
  const sections = groups.map((group) => [group, tools.filter((tool) => tool.group === group && fits(tool))]);
  find(".tools").replaceChildren(...sections.filter(([, members]) => members.length).flatMap(([group, members]) => [
    make("h3", {}, group),
    ...members.map((tool) => make("button", { type: "button", class: "tool", "data-tool": tool.name, title: `from the plugin ${tool.plugin}`, onclick: () => choose(tool) },
      make("strong", {}, tool.title), make("span", {}, tool.summary), ...(badge(tool) ? [make("em", {}, badge(tool))] : []))),
  ]));
  find(".tools").scrollTop = 0;
  if (!find(".tools").children.length) find(".tools").append(make("p", { class: "none" }, "No tool fits; try another word"));
}

function choose(tool) {
  add(tool.name, {});
  render();
  show(false);
  changed();
  const made = cards.lastElementChild;
  made.scrollIntoView({ block: "nearest" });
  made.querySelector(".field input, .field select, .remove").focus();
}

find("[data-do=add]").addEventListener("click", () => {
  show(!palette.classList.contains("open"));
  if (palette.classList.contains("open")) find(".search input").focus();
});
find("[data-do=close]").addEventListener("click", () => { show(false); find("[data-do=add]").focus(); });
palette.addEventListener("keydown", (event) => { if (event.key === "Escape" && steps.length) { show(false); find("[data-do=add]").focus(); } });
find(".search input").addEventListener("input", list);
find("[data-do=save]").addEventListener("click", () => trigger("save_recipe"));
find("[data-do=load]").addEventListener("click", async () => {
  const file = await pick("application/json,.json");
  trigger("load_recipe", { text: await file.text() });
});

listen("selection", (selection) => { strokes = selection.strokes; hints(); });
watch("shown", () => {
  const { steps: loaded, attached, file } = props.shown;
  if (file) save(file);
  if (attached) {
    const step = steps.find((s) => String(s.id) === attached.step);
    if (step) step.parameters[attached.parameter] = attached.token;
  }
  if (loaded) {
    steps = [];
    loaded.forEach((step) => add(step.tool, step.parameters, step.enabled));
    show(false);
  }
  if (attached || loaded) { render(); changed(); }
});

list();
render();

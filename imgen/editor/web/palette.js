// What can be done: the tasks as large actions with a thumbnail of the photo, and the list of tools, grouped and searchable.
import { listen } from "./bus.js";
import { badge, finders, make } from "./dom.js";
import { icon } from "./icons.js";
import { search } from "./search.js";

const LAB = "Lab";

/**
 * @typedef {import("./types.js").Tool} Tool
 * @typedef {import("./types.js").Starter} Starter
 * @param {HTMLElement} element @param {Tool[]} tools @param {Starter[]} starters
 * @param {{tool: (tool: Tool) => void, starter: (starter: Starter) => void}} choose
 */
export function palette(element, tools, starters, choose) {
  const { find, all } = finders(element);
  const panel = find(".palette");
  const adding = find("[data-do=add]");
  const tasks = starters.filter((starter) => starter.task);
  let thumbnail = "";

  /** @param {boolean} open */
  function show(open) {
    panel.classList.toggle("open", open);
    adding.setAttribute("aria-expanded", String(open));
    if (open || !find(".search input").value) return;
    find(".search input").value = ""; // it was for this time
    list();
  }

  /** @param {Tool} tool */
  function entry(tool) {
    const note = badge(tool);
    return make("button", { type: "button", class: "tool", "data-tool": tool.name, title: `${tool.summary} From the plugin ${tool.plugin}.`, onclick: () => { show(false); choose.tool(tool); } },
      make("strong", {}, icon(tool.group), tool.title, note ? make("em", { title: "Its models were trained on data for research only; see Plugins and models" }, note) : null), make("span", {}, tool.summary));
  }

  /** @param {Starter} starter */
  function recipe(starter) {
    return make("button", { type: "button", class: "tool recipe", title: starter.about, onclick: () => { show(false); choose.starter(starter); } },
      make("strong", {}, icon("Create"), starter.title), make("span", {}, starter.about));
  }

  /** @param {Starter} starter */
  function tile(starter) {
    const picture = () => (thumbnail ? make("img", { src: thumbnail, alt: "", draggable: "false" }) : icon("Edit"));
    return make("button", { type: "button", class: "tile", "data-task": starter.task, title: starter.about, onclick: () => { show(false); choose.starter(starter); } },
      make("span", { class: "thumb" }, picture(), ...(thumbnail ? [picture()] : [])), make("strong", {}, starter.title));
  }

  function grouped() {
    const groups = [...new Set(tools.map((tool) => tool.group))];
    const members = (/** @type {string} */ group) => tools.filter((tool) => tool.group === group).map(entry);
    const section = (/** @type {string} */ group) => (group === LAB
      ? [make("details", { class: "lab" }, make("summary", {}, "Lab: experiments with faces and codes"), ...members(group))]
      : [make("h3", {}, group), ...members(group)]);
    return [make("div", { class: "tiles", role: "group", "aria-label": "Tasks" }, ...tasks.map(tile)), make("h2", {}, "All tools"), ...groups.flatMap(section)];
  }

  /** @param {string} wanted */
  function found(wanted) {
    const both = [...starters.map((starter) => ({ one: starter, made: recipe })), ...tools.map((tool) => ({ one: tool, made: entry }))];
    const about = (/** @type {any} */ { one }) => ({ title: one.title, also: one.also, about: one.about ?? one.summary, helps: one.effect === "selects" });
    return search(wanted, both, about).map(({ one, made }) => made(/** @type {any} */ (one)));
  }

  function list() {
    const wanted = find(".search input").value;
    const shown = wanted.trim() ? found(wanted) : grouped();
    find(".tools").replaceChildren(...(shown.length ? shown : [make("p", { class: "none" }, "Nothing fits; try another word")]));
    find(".tools").scrollTop = 0;
  }

  adding.addEventListener("click", () => {
    show(!panel.classList.contains("open"));
    if (!panel.classList.contains("open")) return;
    find(".search input").focus({ preventScroll: true });
  });
  find("[data-do=close]").addEventListener("click", () => { show(false); adding.focus(); });
  find(".search input").addEventListener("input", list);
  // the arrow keys go through all that is listed, and Enter in the search takes the first
  panel.addEventListener("keydown", (/** @type {any} */ event) => {
    const listed = all(".tile, .tool").filter((one) => one.offsetParent);
    const at = listed.indexOf(document.activeElement); // -1: in the search
    if (event.key === "Escape" && !element.classList.contains("unused")) { show(false); adding.focus(); event.stopPropagation(); }
    else if (event.key === "Enter" && event.target.type === "search") listed[0]?.click();
    else if (event.key === "ArrowDown") listed[at + 1]?.focus();
    else if (event.key === "ArrowUp") (listed[at - 1] ?? find(".search input")).focus();
    else return;
    event.preventDefault();
  });
  listen("onward", () => (panel.classList.contains("open") ? find(".tile") ?? find(".search input") : adding).focus({ preventScroll: true }));
  list();
  return {
    show,
    /** @param {string} next the photo, small, as the address of its data */
    picture(next) { thumbnail = next; list(); },
  };
}

// The menus above the steps: what was done, and the recipes, with the versions of this edit.
import { listen } from "./bus.js";
import { finders, make, popover } from "./dom.js";
import * as history from "./history.js";
import { icon } from "./icons.js";

/** The list of what was done: a click goes there. @param {HTMLElement} element */
export function past(element) {
  const { find } = finders(element);
  popover(find("[data-do=past]"), find(".past"));
  listen("looks", (looks) => { const last = Object.keys(looks).at(-1); if (last !== undefined) history.pictured(looks[last].after); });
  listen("history", ({ labels, pictures, at }) => {
    const had = find(".past").contains(document.activeElement);
    find(".past ol").replaceChildren(...labels.map((/** @type {string} */ label, /** @type {number} */ index) => make("li", {},
      make("button", { type: "button", class: index > at ? "entry undone" : "entry", "aria-current": index === at ? "step" : null, onclick: () => history.go(index) }, pictures[index] ? make("img", { src: pictures[index], alt: "" }) : null, label))));
    if (had) find(".past [aria-current]").focus();
  }, true);
}

/**
 * The menu of recipes.
 * @param {HTMLElement} element @param {import("./types.js").Starter[]} starters @param {(starter: import("./types.js").Starter) => void} begin
 * @param {() => string} thumbnail
 */
export function recipes(element, starters, begin, thumbnail) {
  const { find } = finders(element);
  const menu = find(".recipes");
  const show = popover(find("[data-do=recipes]"), menu);
  menu.addEventListener("click", (/** @type {any} */ event) => { if (event.target.closest("[data-do]")) show(false); });
  find(".starters").replaceChildren(...starters.map((starter) => make("button", { type: "button", class: "tool", onclick: () => { show(false); begin(starter); } },
    make("strong", {}, starter.title), make("span", {}, starter.about))));
  find(".recipes form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    const name = find(".version").value.trim() || `Version ${find(".versions").children.length + 1}`;
    find(".version").value = "";
    history.version(name, history.picture() || thumbnail());
  });
  listen("history", ({ versions }) => find(".versions").replaceChildren(...versions.map(row)), true);

  /** @param {{name: string, picture: string}} version */
  function row({ name, picture }) {
    const rename = () => {
      const box = make("input", { type: "text", value: name, maxlength: "60", "aria-label": `New name of ${name}` });
      const done = () => { const next = box.value.trim(); if (next && next !== name) history.rename(name, next); else line.replaceWith(row({ name, picture })); };
      box.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        if (event.key === "Escape") box.value = name;
        event.preventDefault();
        event.stopPropagation();
        done();
      });
      box.addEventListener("blur", () => { if (box.isConnected) done(); });
      line.replaceChildren(box);
      box.select();
    };
    const line = make("div", { class: "line kept" },
      make("button", { type: "button", class: "tool", onclick: () => { show(false); history.back(name); } }, picture ? make("img", { src: picture, alt: "" }) : null, make("strong", {}, name)),
      make("button", { type: "button", class: "icon", title: "Rename", "aria-label": `Rename ${name}`, onclick: rename }, icon("rename")),
      make("button", { type: "button", class: "icon", title: "Delete", "aria-label": `Delete ${name}`, onclick: () => { history.forget(name); find(".version").focus(); } }, icon("remove")));
    return line;
  }
}

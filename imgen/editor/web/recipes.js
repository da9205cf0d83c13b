// The menu of recipes: some to begin with, named versions of this edit, and files.
window.imgen.recipes = window.imgen.recipes || ((element, starters, load) => {
  const { make, history, listen } = window.imgen;
  const find = (selector) => element.querySelector(selector);
  const menu = find(".recipes");
  const opener = find("[data-do=recipes]");

  function show(open) {
    menu.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
  }

  opener.addEventListener("click", () => show(menu.hidden));
  document.addEventListener("pointerdown", (event) => { if (!menu.contains(event.target) && event.target !== opener) show(false); });
  element.addEventListener("keydown", (event) => { if (event.key === "Escape" && !menu.hidden) { show(false); opener.focus(); } });
  menu.addEventListener("click", (event) => { if (event.target.closest("[data-do]")) show(false); });
  find(".starters").replaceChildren(...starters.map((starter) => make("button", { type: "button", class: "tool", onclick: () => { show(false); load(starter.steps); } },
    make("strong", {}, starter.title), make("span", {}, starter.about))));
  find(".recipes form").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = find(".version").value.trim() || `Version ${find(".versions").children.length + 1}`;
    find(".version").value = "";
    history.version(name);
  });
  listen("history", ({ versions }) => find(".versions").replaceChildren(...versions.map(({ name }) =>
    make("button", { type: "button", class: "tool", onclick: () => { show(false); history.back(name); } }, make("strong", {}, name)))));
});

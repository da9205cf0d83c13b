// The list of tools, grouped and searchable, that adds steps.
window.imgen.palette = window.imgen.palette || ((element, tools, choose) => {
  const { make, badge, icons } = window.imgen;
  const find = (selector) => element.querySelector(selector);
  const palette = find(".palette");
  const adding = find("[data-do=add]");

  function show(open) {
    palette.classList.toggle("open", open);
    adding.setAttribute("aria-expanded", String(open));
  }

  function entry(tool) {
    const note = badge(tool);
    return make("button", { type: "button", class: "tool", "data-tool": tool.name, title: `${tool.summary} From the plugin ${tool.plugin}.`, onclick: () => { show(false); choose(tool); } },
      make("strong", {}, icons.icon(tool.group), tool.title, note ? make("em", { title: note }, "Research only") : null), make("span", {}, tool.summary));
  }

  function list() {
    const wanted = find(".search input").value.trim().toLowerCase();
    const fits = (tool) => `${tool.title} ${tool.name} ${tool.summary} ${tool.group}`.toLowerCase().includes(wanted);
    const groups = [...new Set(tools.map((tool) => tool.group))];
    const sections = groups.map((group) => [group, tools.filter((tool) => tool.group === group && fits(tool))]);
    const shown = sections.filter(([, members]) => members.length).flatMap(([group, members]) => [make("h3", {}, group), ...members.map(entry)]);
    find(".tools").replaceChildren(...(shown.length ? shown : [make("p", { class: "none" }, "No tool fits; try another word")]));
    find(".tools").scrollTop = 0;
  }

  adding.addEventListener("click", () => {
    show(!palette.classList.contains("open"));
    if (!palette.classList.contains("open")) return;
    find(".search input").value = "";
    list();
    find(".search input").focus();
  });
  find("[data-do=close]").addEventListener("click", () => { show(false); adding.focus(); });
  palette.addEventListener("keydown", (event) => { if (event.key === "Escape" && !element.classList.contains("unused")) { show(false); adding.focus(); } });
  find(".search input").addEventListener("input", list);
  // the arrow keys go through the tools, and Enter in the search takes the first
  palette.addEventListener("keydown", (event) => {
    const all = [...palette.querySelectorAll(".tool")];
    const at = all.indexOf(document.activeElement); // -1: in the search
    if (event.key === "Enter" && event.target.type === "search") all[0]?.click();
    else if (event.key === "ArrowDown") all[at + 1]?.focus();
    else if (event.key === "ArrowUp") (all[at - 1] ?? find(".search input")).focus();
    else return;
    event.preventDefault();
  });
  list();
  return { show };
});

// What opens over the page: the batch, and what is installed. Also the switch between light and dark.
import { listen } from "./bus.js";
import { finders, make, pickSeveral, PICTURES, save } from "./dom.js";
import * as icons from "./icons.js";

/** @param {import("./types.js").Component} component */
export function dialogs({ element, trigger, props, upload, watch }) {
  const { find, all } = finders(element);
  icons.fill(element);
  let running = null;
  let options = {};

  for (const dialog of element.querySelectorAll("dialog")) {
    dialog.querySelector("[data-do=close]").addEventListener("click", () => dialog.close());
  }

  // ---- many photos

  function rows(list) {
    find("dialog.batch table").hidden = !list.length;
    find("dialog.batch tbody").replaceChildren(...list.map((row) => make("tr", { "data-state": row.state },
      make("td", {}, row.name), make("td", {}, standing(row)), make("td", {}, row.text))));
  }

  function standing({ state, done, ahead }) {
    if (state === "waiting" && ahead) return `waiting, ${ahead} before it`;
    return state === "running" ? `${Math.round(done * 100)} %` : state;
  }

  find("[data-do=files]").addEventListener("click", async () => {
    const chosen = await pickSeveral(PICTURES);
    const files = [];
    for (const [index, file] of chosen.entries()) {
      find(".told").textContent = `Uploading ${index + 1} of ${chosen.length}…`;
      try {
        files.push({ path: (await upload(file)).path, name: file.name });
      } catch (error) {
        find(".told").textContent = `${file.name} could not be uploaded: ${error.message}`;
        return;
      }
    }
    if (!files.length) return;
    running = String(Date.now()) + Math.random();
    find(".told").textContent = "Waiting for its turn…";
    busy(true);
    trigger("batch", { run: running, files: JSON.stringify(files), options: JSON.stringify(options) });
  });
  find("[data-do=stop]").addEventListener("click", () => trigger("stop", { run: running }));

  function busy(on) {
    find("[data-do=stop]").hidden = !on;
    find("[data-do=files]").disabled = on;
  }

  watch("shown", () => {
    const { state, text, rows: list, file } = props.shown;
    if (list) rows(list);
    find(".told").textContent = state === "batch" ? `${list.filter((row) => row.state === "done").length} of ${list.length}` : text;
    if (state !== "batch") busy(false);
    if (file) save(file);
  });

  // ---- what is installed

  function models(list) {
    return list.map((model) => make("details", { "data-model": model.name }, make("summary", {}, make("b", {}, model.name), ` ${model.task ?? ""}`),
      make("p", {}, model.error ?? `${(model.size / 2 ** 20).toFixed(1)} MiB · from ${model.from} · ${model.terms}`),
      ...(model.card ? [figures(model.card.evaluation), whole(model.card)] : [])));
  }

  // What the evaluation measured, as a table: a row for each measure, a column for each of those compared.
  function figures(evaluation) {
    if (!evaluation?.rows) return null;
    const compared = [...new Set(Object.values(evaluation.rows).flatMap(Object.keys))];
    const cell = (one) => (one?.mean === undefined ? "" : `${one.mean}${one.interval ? ` ± ${one.interval}` : ""}`);
    const { pictures, unit } = evaluation;
    return make("table", { class: "figures" }, make("caption", {}, [pictures && `Measured on ${pictures} pictures`, unit].filter(Boolean).join(". ")),
      make("thead", {}, make("tr", {}, make("th", {}), ...compared.map((name) => make("th", {}, name)))),
      make("tbody", {}, ...Object.entries(evaluation.rows).map(([measure, row]) =>
        make("tr", {}, make("td", {}, measure), ...compared.map((name) => make("td", {}, cell(row[name])))))));
  }

  function whole(card) {
    return make("details", {}, make("summary", {}, "The whole card"), make("pre", {}, JSON.stringify(card, null, 1)));
  }

  const { installed } = props.given;
  find(".device").textContent = `Models run on: ${installed.device}.`;
  find(".plugins").replaceChildren(...installed.plugins.map(({ name, package: from, version, tools, error }) => make("tr", { "data-state": error ? "failed" : "done" },
    make("td", {}, name), make("td", {}, `${from} ${version}`), make("td", {}, error || tools.join(", ")))));
  find(".models").replaceChildren(...models(installed.models));

  // ---- light or dark, as the system has it until the user says otherwise

  const root = document.documentElement;
  const bright = matchMedia("(prefers-color-scheme: light)");
  const look = () => { root.dataset.look = localStorage.getItem("imgen-look") ?? (bright.matches ? "light" : "dark"); };
  look();
  bright.addEventListener("change", look);
  listen("theme", () => {
    root.dataset.look = root.dataset.look === "light" ? "dark" : "light";
    localStorage.setItem("imgen-look", root.dataset.look);
  });

  listen("trouble", (text) => {
    find(".trouble").hidden = false;
    find(".trouble").textContent = `Last error, ${new Date().toLocaleTimeString()}: ${text}`;
  });
  listen("options", (next) => { options = next; });
  listen("dialog", ({ name, models: wanted = [] }) => {
    find(`dialog.${name}`).showModal();
    const about = all(".models > details").filter((one) => wanted.includes(one.dataset.model));
    about.forEach((one) => { one.open = true; });
    about[0]?.scrollIntoView({ block: "nearest" });
    about[0]?.querySelector("summary").focus();
  });
}

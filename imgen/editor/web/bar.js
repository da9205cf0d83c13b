// Run, live previews, cancel, progress, messages and the download.
import { listen, tell } from "./bus.js";
import { finders, make, popover, save } from "./dom.js";
import { previous } from "./history.js";
import * as icons from "./icons.js";
import { number, previews } from "./previews.js";
import * as revision from "./revision.js";

/** @param {import("./types.js").Component} component */
export function bar({ element, trigger, props, watch }) {
  const { find } = finders(element);
  icons.fill(element);
  const run = find("[data-do=run]");
  const cancel = find("[data-do=cancel]");
  const download = find("[data-do=download]");
  const options = find(".options");
  const live = find(".live input");
  /** @type {import("./types.js").Photo | null} */
  let photo = null;
  let steps = { steps: 0, cards: 0, waits: false, creates: false };
  let task = ""; // what the task asks the person to do
  /** @type {string | null} */
  let running = null; // the number of the run under way
  let began = 0;
  let wanted = ""; // the revision when it began
  let made = ""; // the revision of the result that the server holds
  /** @type {(() => void) | null} */
  let then = null; // what to do after the run

  /** @type {string[]} */
  let opened = []; // what is to be known of the photo since it was opened
  let restoring = Boolean(previous?.token); // whether the page was loaded again and waits for its photo
  let previewing = ""; // the step at work, once a preview takes long

  const fresh = () => made === revision.now(); // whether the result belongs to the steps as they are
  const live_ = previews({ wanted: () => live.checked && steps.steps > 0 && Boolean(photo || steps.creates) && running === null, trigger, slow });

  function say(/** @type {string} */ kind, /** @type {string} */ text, /** @type {string[]} */ notes = []) {
    element.dataset.state = kind;
    find(".message").title = [text, ...notes].join("\n"); // of which the bar may not have room for everything
    if (["failed", "error"].includes(kind)) tell("trouble", text);
    find(".text").textContent = text;
    find(".notes").replaceChildren(...notes.map((line) => make("li", {}, line)));
    unfold(false);
  }

  // What there is no room for is read in a larger bar.
  function unfold(/** @type {boolean} */ on) {
    const [message, more] = [find(".message"), find("[data-do=more]")];
    element.classList.toggle("unfolded", on);
    more.hidden = true; // it would take room from the message
    more.hidden = !on && message.scrollHeight <= message.clientHeight + 4;
    more.textContent = on ? "Less" : "More";
    more.setAttribute("aria-expanded", String(on));
  }

  // A preview takes long: say so, and of which step, and let it be stopped.
  function slow(/** @type {boolean} */ on) {
    if (running !== null) return;
    cancel.hidden = !on;
    if (!on) previewing = "";
    else say("hint", previewing ? `Making a preview: ${previewing}` : "Making a preview…");
  }

  function progress(/** @type {number | null} */ done) {
    const bar = find(".progress");
    bar.hidden = done === null;
    if (done === null) return;
    bar.setAttribute("aria-valuenow", String(Math.round(done * 100)));
    bar.firstElementChild.style.width = `${Math.max(2, done * 100)}%`;
  }

  // How long it will take, once that can be told.
  function left(/** @type {number} */ done) {
    const passed = (Date.now() - began) / 1000;
    if (passed < 3 || done < 0.05) return "";
    const seconds = passed * (1 - done) / done;
    return seconds > 90 ? `, about ${Math.round(seconds / 60)} min left` : `, about ${Math.max(1, Math.round(seconds))} s left`;
  }

  function update() {
    run.hidden = running !== null;
    cancel.hidden = running === null;
    const idle = steps.steps === 0 || !(photo || steps.creates);
    run.disabled = idle;
    download.disabled = idle || running !== null;
    find("[data-do=batch]").disabled = steps.steps === 0;
    run.title = steps.steps === 0 ? "Add a step first" : idle ? "Open a photo first" : "Run the steps on the photo at its full size (Ctrl+Enter)";
    download.title = fresh() ? "Save the result" : "Run the steps at full size and save the result";
  }

  function hint() {
    if (running !== null) return;
    if (!photo && restoring) say("hint", "Opening…");
    else if (!photo) say("hint", steps.steps && !steps.creates ? "Open a photo to see what the steps make of it" : "");
    else if (!steps.cards) say("hint", "What would you like to do?", opened);
    else if (!steps.steps) say("hint", (steps.waits && task) || "No step is on", opened);
    else say("hint", fresh() ? "" : "Ready: press Run to see the result at full size", opened);
  }

  // ---- runs at full size

  function start(/** @type {(() => void) | null} */ after = null) {
    live_.stop();
    opened = [];
    running = number();
    began = Date.now();
    wanted = revision.now();
    then = after;
    say("running", "Waiting for its turn…");
    progress(0);
    update();
    cancel.focus(); // the button that was pressed is gone
    trigger("run", { run: running });
  }

  function stop() {
    const focused = document.activeElement === cancel;
    running = then = null;
    progress(null);
    update();
    if (focused) run.focus();
  }

  function send() {
    const form = new FormData(options);
    const chosen = {
      format: find("[aria-label='File format']").value, quality: Number(form.get("quality")) || 95,
      longest: Number(form.get("longest")) || null, depth: form.get("depth"), metadata: form.has("metadata"),
    };
    tell("options", chosen);
    return JSON.stringify(chosen);
  }

  function fetchResult() {
    say("running", "Saving…");
    trigger("download", { options: send(), revision: made });
  }

  run.addEventListener("click", () => start());
  cancel.addEventListener("click", () => {
    if (running === null) { live_.cancel(); return; }
    say("running", "Cancelling…");
    trigger("cancel", { run: running });
  });
  find("[data-do=more]").addEventListener("click", () => unfold(!element.classList.contains("unfolded")));
  download.addEventListener("click", () => (fresh() ? fetchResult() : start(fetchResult)));
  find("[data-do=batch]").addEventListener("click", () => { send(); tell("dialog", { name: "batch" }); });
  popover(find("[data-do=options]"), options);
  options.addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
  options.addEventListener("change", (/** @type {Event} */ event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (box.type !== "number") return;
    const typed = box.value || box.defaultValue;
    if (typed) box.value = String(Math.round(Math.min(Number(box.max), Math.max(Number(box.min), Number(typed)))));
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !run.disabled && running === null) start();
    if (event.key === "Escape" && !cancel.hidden) cancel.click();
  });

  // On a small screen there is room for what is needed each time; the rest stands among the options.
  const small = matchMedia("(max-width: 900px)");
  function settle() {
    if (small.matches) { options.append(find(".rare"), find(".format")); return; }
    find(".actions").prepend(find(".rare"));
    find("[data-do=options]").before(find(".format"));
  }
  small.addEventListener("change", settle);
  settle();

  // ---- changes

  // What was changed during a run is not in its result: it is stopped, as nobody wants that any more.
  function changed() {
    const stopped = running !== null;
    if (stopped) {
      trigger("cancel", { run: running });
      stop();
    }
    update();
    if (stopped) say("hint", "Changed during the run, which was stopped; press Run or Download again");
    else hint();
    live_.soon();
  }

  live.addEventListener("change", live_.soon);
  listen("photo", (next) => { photo = next; opened = next.notes ?? []; live_.forget(); made = ""; changed(); });
  listen("shelf", ({ notes = [] }) => { opened = [...opened, ...notes]; if (notes.length) hint(); });
  listen("chain", (next) => { steps = next; if (!steps.steps) tell("reset"); changed(); }, true);
  listen("selection", changed);
  listen("look", live_.soon);
  listen("arm", (text) => { task = text || task; hint(); });
  listen("error", (text) => say("error", text));

  /** @param {{state: string, text: string, notes: string[], revision: string}} news */
  function previewed({ state, text, notes, revision: of }) {
    if (!live_.over() || running !== null) return;
    progress(null);
    if (fresh()) return; // a run at full size says more than its preview
    if (state === "cancelled" && live_.unwanted()) { say("hint", "The preview was stopped; press Run for the result at full size"); return; }
    if (state === "cancelled") { live_.soon(); return; } // by a change that was taken back
    if (state === "failed") { say("wanting", text, notes); tell("stale"); }
    else if (of === revision.now()) say("hint", "Preview; press Run for the result at full size", [...opened, ...notes]);
    else live_.soon(); // the values were still on their way when it was asked for
  }

  watch("shown", () => {
    const { state, text, notes, done, file, run: number, live: small, revision: of } = props.shown;
    tell("answer");
    restoring = false;
    if (small) {
      if (!live_.is(number)) return;
      if (state !== "running") previewed(props.shown);
      else if (running === null && done < 1) { progress(done); previewing = text; live_.told(); }
      return;
    }
    if (number && number !== running) return; // of a run that was stopped
    if (state === "running") {
      say("running", text + left(done), notes);
      progress(done);
      return;
    }
    if (state === "lost") { made = ""; start(fetchResult); return; }
    const after = then;
    if (["done", "failed", "cancelled"].includes(state)) stop();
    if (state === "done") made = of;
    update();
    if (state === "done" && !fresh()) {
      if (wanted === revision.now()) start(after); // the values were still on their way when the run was asked for
      else { hint(); live_.soon(); } // the page changed while the answer came
      return;
    }
    if (file) { save(file); tell("kept"); }
    if (state !== "ready" || text) say(state, text, notes);
    else if (notes.length) say("ready", "", notes);
    else hint();
    if (state === "done" && after) after();
  });
  hint();
}

// Run, live previews, cancel, progress, messages and the download.
const { make, tell, listen, save } = window.imgen;
window.imgen.icons.fill(element);
const find = (selector) => element.querySelector(selector);
const run = find("[data-do=run]");
const cancel = find("[data-do=cancel]");
const download = find("[data-do=download]");
const options = find(".options");
const PAUSE = 200; // milliseconds of rest after a change, before a preview begins that is not quick
const QUICK = 400; // milliseconds; previews that take less begin at once, and are let end
let photo = null;
let steps = 0;
let creates = false; // whether the steps need no photo
let running = null; // the number of the run under way
let began = 0;
let fresh = false; // whether the result belongs to the steps as they are
let then = null; // what to do after the run
let preview = null; // the number of the preview under way
let asked = 0; // when it began
let taken = QUICK; // how long the last one took
let again = false; // something changed meanwhile
let timer = 0;

function say(kind, text, notes = []) {
  element.dataset.state = kind;
  find(".message").title = [text, ...notes].join("\n"); // of which the bar may not have room for everything
  if (["failed", "error"].includes(kind)) tell("trouble", text);
  find(".text").textContent = text;
  find(".notes").replaceChildren(...notes.map((line) => make("li", {}, line)));
}

function progress(done) {
  const bar = find(".progress");
  bar.hidden = done === null;
  if (done === null) return;
  bar.setAttribute("aria-valuenow", String(Math.round(done * 100)));
  bar.firstElementChild.style.width = `${Math.max(2, done * 100)}%`;
}

// How long it will take, once that can be told.
function left(done) {
  const passed = (Date.now() - began) / 1000;
  if (passed < 3 || done < 0.05) return "";
  const seconds = passed * (1 - done) / done;
  return seconds > 90 ? `, about ${Math.round(seconds / 60)} min left` : `, about ${Math.max(1, Math.round(seconds))} s left`;
}

function update() {
  run.hidden = running !== null;
  cancel.hidden = running === null;
  run.disabled = steps === 0;
  download.disabled = steps === 0 || running !== null;
  find("[data-do=batch]").disabled = steps === 0;
  run.title = steps === 0 ? "Add a step first" : "Run the steps on the photo at its full size (Ctrl+Enter)";
  download.title = fresh ? "Save the result" : "Run the steps at full size and save the result";
}

function hint() {
  if (running !== null) return;
  if (!photo) say("hint", steps && !creates ? "Open a photo to see what the steps make of it" : "");
  else if (!steps) say("hint", "Add a step on the left; brush over the picture to select where it works");
  else say("hint", fresh ? "" : "Ready: press Run to see the result at full size");
}

function fresher() { return String(Date.now()) + Math.random(); }

// ---- runs at full size

function start(after = null) {
  clearTimeout(timer);
  running = fresher();
  began = Date.now();
  then = after;
  say("running", "Waiting for its turn…");
  progress(0);
  update();
  cancel.focus(); // the button that was pressed is gone
  trigger("run", { run: running });
}

function stop() {
  const focused = document.activeElement === cancel;
  running = null;
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
  trigger("download", { options: send() });
}

run.addEventListener("click", () => start());
cancel.addEventListener("click", () => {
  say("running", "Cancelling…");
  trigger("cancel", { run: running });
});
download.addEventListener("click", () => (fresh ? fetchResult() : start(fetchResult)));
find("[data-do=batch]").addEventListener("click", () => { send(); tell("dialog", "batch"); });
function openOptions(open) {
  options.hidden = !open;
  find("[data-do=options]").setAttribute("aria-expanded", String(open));
}
find("[data-do=options]").addEventListener("click", () => openOptions(options.hidden));
document.addEventListener("pointerdown", (event) => { if (!element.contains(event.target)) openOptions(false); });
options.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !run.disabled && running === null) start();
  if (event.key === "Escape" && !options.hidden) { openOptions(false); find("[data-do=options]").focus(); }
  else if (event.key === "Escape" && running !== null) cancel.click();
});

// ---- previews: the latest change wins

function soon() {
  clearTimeout(timer);
  if (!find(".live input").checked || !steps || !(photo || creates) || running !== null) return;
  if (preview !== null) again = true;
  timer = setTimeout(ask, taken < QUICK ? 0 : PAUSE);
}

function ask() {
  if (preview === null) {
    preview = fresher();
    asked = Date.now();
    trigger("preview", { run: preview });
  } else if (Date.now() - asked > QUICK) trigger("cancel", { run: preview });
}

function previewed({ state, text, notes }) {
  preview = null;
  taken = Date.now() - asked;
  const more = again && steps && running === null;
  again = false;
  if (more) { clearTimeout(timer); ask(); return; }
  if (running !== null || fresh || state === "cancelled") return; // a run at full size says more than its preview
  progress(null);
  if (state === "failed") { say("wanting", text, notes); tell("stale"); } else say("hint", "Preview; press Run for the result at full size", notes.filter((line) => !line.includes(" ran on ")));
}

function changed() {
  fresh = false;
  update();
  hint();
  soon();
}

find(".live input").addEventListener("change", soon);
listen("photo", (next) => { photo = next; stop(); changed(); });
listen("chain", (chain) => { ({ steps, creates } = chain); if (!steps) tell("reset"); changed(); }, true);
listen("selection", changed);
listen("error", (text) => say("error", text));

watch("shown", () => {
  const { state, text, notes, done, file, run: number, live } = props.shown;
  tell("answer");
  if (live) {
    if (number !== preview) return;
    if (state !== "running") previewed(props.shown);
    else if (running === null && done < 1) progress(done);
    return;
  }
  if (number && number !== running) return;
  if (state === "running") {
    say("running", text + left(done), notes);
    progress(done);
    return;
  }
  if (["done", "failed", "cancelled"].includes(state)) stop();
  if (state === "done") { fresh = true; update(); }
  if (file) save(file);
  if (state !== "ready" || text) say(state, text, notes);
  else if (notes.length) say("ready", "", notes);
  else hint();
  if (state === "done" && then) then();
  if (["done", "failed", "cancelled"].includes(state)) then = null;
});
hint();

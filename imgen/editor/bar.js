// Run, cancel, progress, messages and the download.
const { make, tell, listen, save } = window.imgen;
const find = (selector) => element.querySelector(selector);
const run = find("[data-do=run]");
const cancel = find("[data-do=cancel]");
const download = find("[data-do=download]");
let photo = null;
let steps = 0;
let running = null; // the number of the run under way
let fresh = false; // whether the result belongs to the steps as they are

function say(kind, text, notes = []) {
  element.dataset.state = kind;
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

function update() {
  run.hidden = running !== null;
  cancel.hidden = running === null;
  run.disabled = steps === 0;
  run.title = steps === 0 ? "Add a step first" : "Run the steps on the photo at its full size (Ctrl+Enter)";
}

function hint() {
  if (running !== null) return;
  if (!photo) say("hint", "");
  else if (!steps) say("hint", "Add a step on the left; brush over the picture to select where it works");
  else say("hint", fresh ? "" : "Ready: press Run to see the result");
}

function stop() {
  const focused = document.activeElement === cancel;
  running = null;
  progress(null);
  update();
  if (focused) run.focus();
}

run.addEventListener("click", () => {
  running = String(Date.now()) + Math.random();
  say("running", "Waiting for its turn…");
  progress(0);
  update();
  cancel.focus(); // the button that was pressed is gone
  trigger("run", { run: running });
});
cancel.addEventListener("click", () => {
  say("running", "Cancelling…");
  trigger("cancel", { run: running });
});
download.addEventListener("click", () => {
  say("running", "Saving…");
  trigger("download", { format: find("select").value });
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !run.disabled && running === null) run.click();
  if (event.key === "Escape" && running !== null) cancel.click();
});

listen("photo", (next) => { photo = next; fresh = false; download.disabled = true; stop(); hint(); });
listen("chain", (chain) => { steps = chain.steps; fresh = false; update(); hint(); });
listen("selection", () => { fresh = false; hint(); });
listen("error", (text) => say("error", text));

watch("shown", () => {
  const { state, text, notes, done, file } = props.shown;
  tell("answer");
  if (state === "running") {
    if (running === null) return;
    say("running", text, notes);
    progress(done);
    return;
  }
  if (["done", "failed", "cancelled"].includes(state)) stop();
  if (state === "done") { fresh = true; download.disabled = false; }
  if (file) save(file);
  if (state !== "ready" || text) say(state, text, notes);
  else if (notes.length) say("ready", "", notes);
  else hint();
});
hint();

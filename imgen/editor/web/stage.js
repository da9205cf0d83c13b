// The picture: open it, brush a selection on it, compare it with the result.
// props.value = {photo, strokes: [{mode, radius, points}]}, in pixels of the photo at its full size.
const { make, tell, listen, pick, url, typing, places, history } = window.imgen;
window.imgen.icons.fill(element);
const find = (selector) => element.querySelector(selector);
const all = (selector) => [...element.querySelectorAll(selector)];
const frame = find(".frame");
const picture = find(".picture");
const canvas = find(".strokes");
const pen = canvas.getContext("2d");
const split = find(".split");
const ring = find(".ring");
let photo = null; // {path, width, height, depth, name, photo}
let result = null;
let strokes = [];
let stroke = null; // the one being drawn
let mode = "paint";
let view = "original";
let empty = true; // whether there are no steps
let chosen = false; // whether the user asked for this view
let drawing = false; // whether the user is at work with the brush on the original
let waiting = null; // a result that came while a stroke was being drawn
let second = null; // the second picture of a step, {token, path, width, height}, while places are picked on it
const tint = { original: true, result: false }; // whether the selection is shown

// ---- opening

async function open(file) {
  if (!file) return;
  busy(true);
  try {
    const { path } = await upload(file);
    trigger("upload_done", { path, name: file.name });
  } catch (error) {
    busy(false);
    tell("error", `${file.name} could not be uploaded: ${error.message}`);
  }
}

function busy(on) { find(".busy").hidden = !on; }

function shown(next) {
  const old = next.restored ? history.previous?.now?.stage : null; // the page was loaded again
  photo = next;
  result = null;
  strokes = old?.strokes ?? [];
  chosen = drawing = false;
  zoom.begin();
  find(".before").src = url(photo.path);
  find(".before").onload = () => {
    canvas.width = find(".before").naturalWidth;
    canvas.height = find(".before").naturalHeight;
    redraw();
  };
  const bits = photo.depth > 8 ? `, ${photo.depth} bit` : "";
  find(".about").replaceChildren(make("strong", { title: photo.name }, photo.name), make("span", {}, `${photo.width} x ${photo.height}${bits}`));
  look("original");
  history.belongs(photo.token);
  send();
}

// ---- the selection

function send() {
  props.value = { photo: photo.photo, strokes: [...strokes] };
  find("[data-do=clear]").disabled = strokes.length === 0;
  history.note();
  tell("selection", { strokes: strokes.length });
}

history.part("stage", {
  read: () => ({ photo: photo?.photo ?? 0, strokes }),
  write: (state) => { // strokes on another photo mean nothing
    if (!photo || state.photo !== photo.photo) return;
    strokes = state.strokes;
    redraw();
    send();
  },
});

function radius() { // in pixels of the photo; the slider is quadratic, so that thin brushes are easy to set
  const part = Number(find(".size").value) / 100;
  return Math.max(0.75, (0.0015 + 0.12 * part * part) * Math.max(photo.width, photo.height));
}

function at(event) {
  const box = canvas.getBoundingClientRect();
  const round = (value) => Math.round(value * 10) / 10;
  return [round((event.clientX - box.left) * photo.width / box.width), round((event.clientY - box.top) * photo.height / box.height)];
}

function draw(one, from = 0) {
  const scale = canvas.width / photo.width;
  pen.globalCompositeOperation = one.mode === "erase" ? "destination-out" : "source-over";
  pen.lineCap = pen.lineJoin = "round";
  pen.lineWidth = 2 * one.radius * scale;
  pen.strokeStyle = pen.fillStyle = getComputedStyle(element).getPropertyValue("--select") || "#ff5c8a";
  if (one.mode === "box") {
    const [[left, top], [right, bottom]] = one.points;
    pen.fillRect(left * scale, top * scale, (right - left) * scale, (bottom - top) * scale);
    return;
  }
  pen.beginPath();
  one.points.slice(Math.max(0, from - 1)).forEach(([x, y], i) => (i ? pen.lineTo(x * scale, y * scale) : pen.moveTo(x * scale, y * scale)));
  if (one.points.length === 1) pen.lineTo(one.points[0][0] * scale + 0.01, one.points[0][1] * scale);
  pen.stroke();
}

function redraw() {
  pen.clearRect(0, 0, canvas.width, canvas.height);
  strokes.forEach((one) => draw(one));
}

function ringAt(event) {
  if (mode === "box") { ring.hidden = true; return; }
  const size = 2 * radius() * canvas.getBoundingClientRect().width / photo.width;
  const box = picture.getBoundingClientRect();
  ring.style.cssText = `width:${size}px;height:${size}px;left:${event.clientX - box.left}px;top:${event.clientY - box.top}px`;
  ring.hidden = false;
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  tint[view] = true;
  stroke = { mode, radius: Math.round(radius() * 100) / 100, points: mode === "box" ? [at(event), at(event)] : [at(event)] };
  look(view);
  draw(stroke);
});
canvas.addEventListener("pointermove", (event) => {
  ringAt(event);
  if (!stroke) return;
  if (stroke.mode === "box") {
    stroke.points[1] = at(event);
    redraw();
    draw(stroke);
    return;
  }
  const from = stroke.points.length;
  const moves = event.getCoalescedEvents?.() ?? [];
  for (const move of moves.length ? moves : [event]) {
    const [x, y] = at(move);
    const [lastX, lastY] = stroke.points[stroke.points.length - 1];
    if (Math.hypot(x - lastX, y - lastY) >= Math.max(0.5, stroke.radius / 8)) stroke.points.push([x, y]);
  }
  if (stroke.points.length > from) draw(stroke, from);
});
function lift() {
  if (!stroke) return;
  const slip = stroke.mode === "box" && stroke.points[0].some((from, side) => Math.abs(stroke.points[1][side] - from) < 0.5);
  if (slip) redraw();
  else strokes.push(stroke);
  stroke = null;
  drawing = view === "original";
  if (!slip) send();
  if (waiting) show(waiting);
}
canvas.addEventListener("pointerup", lift);
canvas.addEventListener("pointercancel", lift);
canvas.addEventListener("pointerleave", () => { ring.hidden = true; });

function brushing(next) {
  mode = next;
  all("[data-mode]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.mode === mode)));
  if (canvas.hidden) look(comparable() ? "result" : "original");
}
all("[data-mode]").forEach((button) => button.addEventListener("click", () => brushing(button.dataset.mode)));
find("[data-do=clear]").addEventListener("click", () => { strokes = []; redraw(); send(); });

// ---- looking

function comparable() { return result && result.width === photo?.width && result.height === photo?.height; }

function look(next) {
  view = next === "compare" && !comparable() ? "result" : next;
  if (view !== "original" && !result) view = "original";
  const compare = view === "compare" && !second;
  const nothing = !photo && !result; // a made picture is gone again
  picture.hidden = nothing;
  find(".empty").hidden = !nothing;
  element.classList.toggle("filled", !nothing);
  find(".brush").hidden = !photo || !find(".picking").hidden;
  find(".overlay").style.visibility = compare || !photo ? "hidden" : "";
  const tinted = find(".overlay input").checked = tint[view === "original" ? "original" : "result"];
  all("[data-view]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
    const ready = { original: photo, compare: comparable(), result }[button.dataset.view];
    button.disabled = !ready;
  });
  if (view !== "original") find("[data-view=result]").classList.remove("news");
  find(".after").hidden = Boolean(second) || view === "original";
  find(".before").hidden = Boolean(second) || view === "result";
  find(".second").hidden = !second;
  all(".split, .divider, .tag").forEach((part) => { part.hidden = !compare; });
  // strokes and places are those of the photo as it was opened; a result of the same size shows them as well
  const marked = view === "original" || (view === "result" && comparable());
  canvas.hidden = Boolean(second) || !marked;
  find(".places").hidden = !second && !marked;
  if (!second && !marked) places.stop();
  find("[data-do=hold]").disabled = !result || !photo;
  const selected = tinted && view === "result" && result?.selection && !second; // what the steps made of the strokes
  find(".selected").hidden = !selected;
  canvas.style.opacity = tinted && (stroke || !selected) ? "" : "0";
  element.dataset.view = view;
  cut();
  fit();
}

function cut() {
  const part = view === "compare" ? Number(split.value) : 0;
  find(".after").style.clipPath = `inset(0 0 0 ${part}%)`;
  find(".divider").style.left = `${part}%`;
}

function fit() { zoom.see(second ?? (view === "original" ? photo : result)); }

// While the button or the key O is held, the original.
let held = null; // the view to come back to
function hold(on) {
  if (!result || !photo || second || on === (held !== null)) return;
  const back = held;
  held = on ? view : null;
  look(on ? "original" : back);
}

const zoom = window.imgen.zoom(frame, picture, (scale, factor) => {
  find(".percent").textContent = factor === 1 ? "Fit" : `${Math.round(scale * 100)} %`;
});
find("[data-do=in]").addEventListener("click", () => zoom.by(1.5));
find("[data-do=out]").addEventListener("click", () => zoom.by(1 / 1.5));
find("[data-do=fit]").addEventListener("click", zoom.fit);
for (const [event, on] of [["pointerdown", true], ["pointerup", false], ["pointerleave", false]]) find("[data-do=hold]").addEventListener(event, () => hold(on));

all("[data-view]").forEach((button) => button.addEventListener("click", () => {
  if (second) places.stop();
  chosen = true;
  look(button.dataset.view);
}));
find(".overlay input").addEventListener("change", (event) => {
  tint[view === "original" ? "original" : "result"] = event.target.checked;
  look(view);
});
split.addEventListener("input", cut);

// ---- keys, drops, and what the server says

document.addEventListener("keydown", (event) => {
  if (typing(event) || !(photo || result)) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const size = find(".size");
  const keys = {
    "[": () => { size.value = Number(size.value) - 5; }, "]": () => { size.value = Number(size.value) + 5; },
    "+": () => zoom.by(1.5), "=": () => zoom.by(1.5), "-": () => zoom.by(1 / 1.5), 0: zoom.fit, 1: zoom.full, o: () => hold(true),
    ...(find(".brush").hidden ? {} : { b: () => brushing("paint"), x: () => brushing("box"), e: () => brushing("erase") }),
  };
  keys[event.key]?.();
});
document.addEventListener("keyup", (event) => { if (event.key === "o") hold(false); });
let depth = 0; // dragenter and dragleave come for every child
document.addEventListener("dragenter", () => { depth += 1; find(".drop").hidden = false; });
document.addEventListener("dragleave", () => { depth -= 1; find(".drop").hidden = depth > 0; });
document.addEventListener("dragover", (event) => event.preventDefault());
const landed = () => { depth = 0; find(".drop").hidden = true; };
document.addEventListener("drop", (event) => {
  event.preventDefault();
  landed();
  const file = event.dataTransfer?.files[0];
  if (!file) return;
  if (/\.json$/i.test(file.name) || event.target.closest?.("#chain")) tell("recipe", file);
  else open(file);
});
listen("dropped", landed);
all("[data-do=open]").forEach((button) => button.addEventListener("click", async () => open(await pick(window.imgen.PICTURES))));
find(".samples").append(...props.given.samples.map((sample) => make("button", { type: "button", "data-sample": sample.name, onclick: () => {
  busy(true);
  trigger("sample", { name: sample.name });
} }, make("img", { src: sample.picture, alt: "" }), make("span", {}, sample.title))));

places.mount(element);
listen("picking", ({ token }) => {
  if (token) { trigger("second", { token }); return; }
  leave();
  if (canvas.hidden) look("original");
});
listen("picked", leave);
listen("chain", ({ cards }) => { empty = cards === 0; drawing = false; }, true);
function reset() { result = held = null; chosen = false; look("original"); }
listen("reset", reset);
listen("stale", () => { if (photo) reset(); }); // what is shown is not what the steps as they are would make
listen("answer", () => busy(false));
watch("shown", () => {
  const news = props.shown;
  if (news.picture) {
    busy(false);
    shown(news.picture);
    tell("photo", news.picture);
    // the picture shows its recipe's work already: the steps come switched off
    if (news.picture.recipe && empty) tell("steps", news.picture.recipe.map((step) => ({ ...step, enabled: false })));
  }
  if (news.second) pickOn(news.second);
  if (news.result && (!photo || news.result.photo === photo.photo)) show(news.result);
});

// Show a step's second picture as long as places are picked on it; it may have come too late for that.
function pickOn(picture) {
  if (picture.token !== places.picture()) return;
  second = picture;
  find(".second").src = url(picture.path);
  look(view);
  places.begin();
}

function leave() {
  if (!second) return;
  second = null;
  look(view);
}

function show(next) {
  waiting = stroke ? next : null;
  if (stroke) return; // the picture stays under the brush
  result = next;
  find(".after").src = url(result.path);
  find(".selected").src = result.selection ? url(result.selection) : "";
  tint.result = Boolean(result.selecting);
  const best = result.selecting || result.moving || (result.live && view !== "compare") ? "result" : "compare";
  const away = drawing && view === "original" && !comparable(); // the brush could not go on there
  const stays = result.live && (chosen || away);
  if (stays && view === "original") find("[data-view=result]").classList.add("news");
  look(stays ? view : best);
}

if (history.previous?.token) {
  busy(true);
  trigger("restore", { token: history.previous.token });
}

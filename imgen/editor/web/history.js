// Undo, redo and versions of the whole edit, and the same edit after the page was loaded again.
// A part (the chain, the stage) says how its state is read and put back; states are plain JSON.
window.imgen.history = window.imgen.history || (() => {
  const { tell, typing } = window.imgen;
  const KEY = "imgen-work"; // in sessionStorage: it belongs to this tab, and outlives a reload
  const MOST = 200; // states kept
  const PAUSE = 700; // milliseconds within which changes of one kind, such as a slider's, are one
  const parts = {};
  let past = [];
  let future = [];
  let now = null;
  let last = { kind: "", time: 0 };
  let versions = [];
  let putting = false; // a state is being put back, part by part
  const previous = JSON.parse(sessionStorage.getItem(KEY) || "null");
  let token = previous?.token ?? "";

  const copy = (state) => JSON.parse(JSON.stringify(state));
  const read = () => copy(Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.read()])));
  function put(state) {
    putting = true;
    Object.entries(copy(state)).forEach(([name, value]) => parts[name]?.write(value));
    putting = false;
  }

  function keep() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ token, now, versions }));
    } catch {
      sessionStorage.removeItem(KEY); // more than the browser keeps: a reload begins anew
    }
    tell("history", { undo: past.length > 0, redo: future.length > 0, versions });
  }

  // Something changed; `kind` names the control.
  function note(kind = "") {
    if (putting) return;
    const state = read();
    if (JSON.stringify(state) === JSON.stringify(now)) return;
    const time = Date.now();
    const same = kind && kind === last.kind && time - last.time < PAUSE;
    if (now && !same) past = [...past.slice(1 - MOST), now];
    future = [];
    now = state;
    last = { kind, time };
    keep();
  }

  function step(from, to) {
    if (!from.length) return;
    to.push(now);
    now = from.pop();
    last = { kind: "", time: 0 };
    put(now);
    keep();
  }

  const undo = () => step(past, future);
  const redo = () => step(future, past);

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || typing(event)) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) undo();
    else if (key === "y" || (key === "z" && event.shiftKey)) redo();
    else return;
    event.preventDefault();
  });

  return {
    note, undo, redo, previous,
    part(name, part) { parts[name] = part; now = read(); },
    belongs(given) { token = given; keep(); },
    version(name) { versions = [...versions.filter((v) => v.name !== name), { name, state: read() }]; keep(); },
    adopt(list) { versions = list; keep(); },
    back(name) { put(versions.find((v) => v.name === name).state); note(); },
  };
})();

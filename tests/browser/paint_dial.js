// A control for the tests: two buttons, and what it may reach.
export default function dial({ element, value, about, change }) {
  const told = document.createElement("output");
  const show = (now) => { told.textContent = `${about.label} ${now}`; };
  for (const amount of [0.25, 1]) {
    const button = document.createElement("button");
    button.textContent = String(amount);
    button.onclick = () => { show(amount); change(amount); };
    element.append(button);
  }
  const reach = document.createElement("p");
  element.append(told, reach);
  show(value);
  const trouble = (work) => { try { work(); return "reached"; } catch { return "refused"; } };
  const page = trouble(() => parent.document.title);
  const stored = trouble(() => localStorage.length);
  fetch("/config").then(() => "reached", () => "refused").then((net) => { reach.textContent = `${page} ${stored} ${net}`; });
  return show;
}

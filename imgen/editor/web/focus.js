// Cards are made anew whenever the steps change; who was at work in one goes on there.

/** What gives the focus back to the control that has it, once the cards are made anew. @param {HTMLElement} element @param {any} list of the cards */
export function focused(element, list) {
  const id = document.activeElement?.id;
  const at = [...list.children].findIndex((one) => one.contains(document.activeElement));
  if (at < 0) return () => { if (id && element.querySelector(".panels")?.contains(document.getElementById(id))) document.getElementById(id).focus({ preventScroll: true }); };
  const all = () => [...list.children[at]?.querySelectorAll("input, select, button") ?? []];
  const index = all().indexOf(document.activeElement);
  const { tool } = list.children[at].dataset;
  return () => { if (list.children[at]?.dataset.tool === tool) all()[index]?.focus({ preventScroll: true }); };
}

// Inks of a darkroom as swatches, above the editor's usual colour box.
const INKS = { selenium: "#1d1418", sepia: "#3b2412", iron: "#101c33", black: "#101010" };

export default function swatches({ element, value, change }) {
  element.style.cssText = "display:flex;gap:6px;padding:3px";
  const buttons = Object.entries(INKS).map(([name, colour]) => {
    const button = document.createElement("button");
    button.title = button.ariaLabel = name;
    button.style.cssText = `width:26px;height:26px;border-radius:50%;border:2px solid #8888;background:${colour}`;
    button.onclick = () => { show(colour); change(colour); };
    element.append(button);
    return button;
  });
  // the chosen one is marked; called again whenever the value changes elsewhere
  const show = (now) => buttons.forEach((button, i) => { button.style.outline = Object.values(INKS)[i] === now ? "2px solid #3a8" : "none"; });
  show(value);
  return show;
}

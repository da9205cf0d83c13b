// Elements, files, and keys.

export const PICTURES = "image/jpeg,image/png,image/tiff,image/webp,image/heic,image/avif,.jpg,.jpeg,.png,.tif,.tiff,.webp,.heic,.heif,.avif";

/** What gets the focus by itself: on a touch screen no box, which would bring up the keyboard. */
export const FIELD = matchMedia("(pointer: coarse)").matches ? "input[type=range]" : "input";

/** The address of a file that the server made for this page. @param {string} path */
export function url(path) {
  const config = /** @type {any} */ (window).gradio_config;
  const parts = path.split(/[\\/]/).map(encodeURIComponent).join("/");
  return `${config.root || ""}${config.api_prefix || "/gradio_api"}/file=${parts}`;
}

/** Save a file as a download, byte for byte as it is on the server. @param {{path: string, name: string}} file */
export function save(file) {
  const link = make("a", { href: url(file.path), download: file.name });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Let the user pick files; nothing happens where none is picked. @param {string} accept @returns {Promise<File[]>} */
export function pickSeveral(accept, multiple = true) {
  return new Promise((resolve) => {
    const input = make("input", { type: "file", accept, multiple, hidden: true, id: "imgen-pick", "aria-label": "File" });
    document.getElementById("imgen-pick")?.remove();
    input.addEventListener("change", () => { resolve([...input.files]); input.remove(); });
    document.body.append(input);
    input.click();
  });
}

/** Let the user pick one file. @param {string} accept */
export async function pick(accept) { return (await pickSeveral(accept, false))[0]; }

/**
 * An element: make("button", {class: "small", onclick: f}, "Text", another).
 * @param {string} tag @param {Object<string, any>} attributes @param {...(Node | string | null)} children @returns {any}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Finders below an element. @param {HTMLElement} element */
export function finders(element) {
  return {
    /** @param {string} selector @returns {any} */
    find: (selector) => element.querySelector(selector),
    /** @param {string} selector @returns {any[]} */
    all: (selector) => [...element.querySelectorAll(selector)],
  };
}

/** Whether a key goes into a text; in a number box letters, brackets and Ctrl+Z mean what they mean everywhere. @param {Event} event */
export function typing(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  return Boolean(target.matches?.("input:not([type=range], [type=checkbox], [type=color], [type=number]), textarea, select"));
}

/** Whether a key writes a number. @param {KeyboardEvent} event */
export function counting(event) {
  return Boolean(/** @type {HTMLElement} */ (event.target).matches?.("input[type=number]")) && /^[\d+\-.,=]$/.test(event.key);
}

/** What people must know of a tool's models before they use it. @param {import("./types.js").Tool} tool */
export function badge(tool) { return tool.models.some(({ terms }) => terms.includes("research")) ? "Research only" : ""; }

/** A menu that its button opens and closes, as do Esc and a click elsewhere. Returns what opens and closes it. @param {HTMLElement} button @param {HTMLElement} menu */
export function popover(button, menu) {
  /** @param {boolean} open */
  function show(open) {
    menu.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  }
  button.addEventListener("click", () => show(Boolean(menu.hidden)));
  document.addEventListener("pointerdown", (event) => {
    const target = /** @type {Node} */ (event.target);
    if (!menu.contains(target) && !button.contains(target)) show(false);
  });
  for (const one of [menu, button]) {
    one.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || menu.hidden) return;
      show(false);
      button.focus();
      event.stopPropagation(); // it would stop a run
    });
  }
  return show;
}

/** A loaded picture, tiny, as the address of a JPEG. @param {HTMLImageElement} image */
export function thumbnail(image) {
  const small = document.createElement("canvas");
  [small.width, small.height] = [150, 110];
  const cover = Math.max(150 / image.naturalWidth, 110 / image.naturalHeight);
  const [width, height] = [image.naturalWidth * cover, image.naturalHeight * cover];
  small.getContext("2d").drawImage(image, (150 - width) / 2, (110 - height) / 3, width, height);
  return small.toDataURL("image/jpeg", 0.8);
}

// Helpers that the page's components share, and the messages between them.
window.imgen = window.imgen || (() => {
  const bus = new EventTarget();
  const told = {};

  // The address of a file that the server made for this page.
  function url(path) {
    const config = window.gradio_config;
    const parts = path.split(/[\\/]/).map(encodeURIComponent).join("/");
    return `${config.root || ""}${config.api_prefix || "/gradio_api"}/file=${parts}`;
  }

  // Save a file as a download, byte for byte as it is on the server.
  function save(file) {
    const link = make("a", { href: url(file.path), download: file.name });
    document.body.append(link);
    link.click();
    link.remove();
  }

  // Let the user pick one file.
  function pick(accept) {
    return new Promise((resolve) => {
      const input = make("input", { type: "file", accept, hidden: true, id: "imgen-pick", "aria-label": "File" });
      document.getElementById("imgen-pick")?.remove();
      input.addEventListener("change", () => { resolve(input.files[0]); input.remove(); });
      document.body.append(input);
      input.click();
    });
  }

  // A DOM element: make("button", {class: "small", onclick: f}, "Text", another).
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  // Whether a key was meant for a field.
  function typing(event) {
    return Boolean(event.target.matches?.("input:not([type=range], [type=checkbox], [type=color]), textarea, select"));
  }

  function tell(name, detail) {
    told[name] = detail;
    bus.dispatchEvent(new CustomEvent(name, { detail }));
  }

  // Hear of something from now on; `late` also of the last time, for what a component says before this one is there.
  function listen(name, react, late = false) {
    bus.addEventListener(name, (event) => react(event.detail));
    if (late && name in told) react(told[name]);
  }

  // What people must know of a tool's models before they use it.
  function badge(tool) {
    return tool.models.some(({ terms }) => terms.includes("research")) ? "Models for research only" : "";
  }

  return {
    url, save, pick, make, typing, badge,
    tell, listen,
    PICTURES: "image/jpeg,image/png,image/tiff,image/webp,.jpg,.jpeg,.png,.tif,.tiff,.webp",
  };
})();

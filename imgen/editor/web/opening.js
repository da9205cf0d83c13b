// Photos come in: picked, dropped, pasted, or a sample. And they are not lost by a slip.
import { listen, tell } from "./bus.js";
import { finders, make, pick, PICTURES, popover } from "./dom.js";
import * as revision from "./revision.js";

/**
 * @param {import("./types.js").Component} component @param {(on: boolean) => void} busy
 * @param {() => boolean} working whether there is work that could be lost
 */
export function opening({ element, trigger, props, upload }, busy, working) {
  const { find, all } = finders(element);

  /** @param {File | undefined} file */
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

  // ---- drops

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
    if (/\.json$/i.test(file.name) || /** @type {HTMLElement} */ (event.target).closest?.("#chain")) tell("recipe", file);
    else open(file);
  });
  listen("dropped", landed);

  // ---- the clipboard

  document.addEventListener("paste", (event) => {
    const file = [...event.clipboardData?.files ?? []].find((one) => one.type.startsWith("image/"));
    if (!file) return; // text goes where it is pasted
    event.preventDefault();
    open(new File([file], file.name === "image.png" ? "pasted.png" : file.name, { type: file.type }));
  });

  // ---- the button, and the samples

  all("[data-do=open]").forEach((button) => button.addEventListener("click", async () => open(await pick(PICTURES))));
  const show = popover(find("[data-do=samples]"), find(".sampling"));
  const samples = find(".samples"); // under the invitation, or in the menu
  find("[data-do=samples]").addEventListener("click", () => find(".sampling").append(samples));
  samples.append(...props.given.samples.map((/** @type {any} */ sample) => make("button", { type: "button", "data-sample": sample.name, onclick: () => {
    show(false);
    busy(true);
    trigger("sample", { name: sample.name });
  } }, make("img", { src: sample.picture, alt: "" }), make("span", {}, sample.title))));

  // ---- leaving

  let kept = revision.now(); // the state that was last saved
  listen("kept", () => { kept = revision.now(); });
  // Gradio loads the page again when a lost connection is back. The tab finds its work then, and who stayed could do nothing: it drops all events.
  let again = false;
  /** @type {any} */ (window).navigation?.addEventListener("navigate", (/** @type {any} */ event) => { again = event.navigationType === "reload" && !event.userInitiated; });
  /** @type {any} */ (window).imgenLeaving = (/** @type {BeforeUnloadEvent} */ event) => { // called before Gradio's listener: see leaving.py
    if (again || !working() || kept === revision.now()) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // Gradio would end the session, also where the answer is to stay
  };
}

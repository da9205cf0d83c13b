// Photos come in: picked, dropped, pasted, or a sample. And they are not lost by a slip.
import { listen, tell } from "./bus.js";
import { finders, make, PICTURES, pickSeveral, popover } from "./dom.js";
import * as revision from "./revision.js";

const MOST = 8; // photos that are opened at once: as many as wait beside the one that is worked on

/**
 * @param {import("./types.js").Component} component @param {(on: boolean) => void} busy
 * @param {() => boolean} working whether there is work that could be lost
 */
export function opening({ element, trigger, props, upload }, busy, working) {
  const { find, all } = finders(element);

  /** @type {(value?: any) => void} */
  let answered = () => {}; // what goes on once the server has the photo
  listen("answer", () => answered());

  /** Open the first, and let the others wait beside it. @param {File[]} files */
  async function open(files) {
    for (const [index, file] of files.slice(0, MOST).entries()) {
      busy(true);
      try {
        const { path } = await upload(file);
        const over = new Promise((done) => { answered = done; });
        trigger("upload_done", { path, name: file.name, behind: index ? "yes" : "" });
        await over;
      } catch (error) {
        busy(false);
        tell("error", `${file.name} could not be uploaded: ${error.message}`);
      }
    }
    if (files.length > MOST) tell("error", `A page holds ${MOST} photos: the first of the ${files.length} were opened`);
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
    const files = [...event.dataTransfer?.files ?? []];
    if (!files.length) return;
    if (/\.json$/i.test(files[0].name) || /** @type {HTMLElement} */ (event.target).closest?.("#chain")) tell("recipe", files[0]);
    else open(files);
  });
  listen("dropped", landed);

  // ---- the clipboard

  document.addEventListener("paste", (event) => {
    const files = [...event.clipboardData?.files ?? []].filter((one) => one.type.startsWith("image/"));
    if (!files.length) return; // text goes where it is pasted
    event.preventDefault();
    open(files.map((file) => new File([file], file.name === "image.png" ? "pasted.png" : file.name, { type: file.type })));
  });

  // ---- the button, and the samples

  let keyed = false; // whether a photo was asked for by key
  all("[data-do=open]").forEach((button) => button.addEventListener("click", async (/** @type {MouseEvent} */ event) => {
    keyed = event.detail === 0;
    open(await pickSeveral(PICTURES));
  }));
  const show = popover(find("[data-do=samples]"), find(".sampling"));
  const samples = find(".samples"); // under the invitation, or in the menu
  find("[data-do=samples]").addEventListener("click", () => find(".sampling").append(samples));
  samples.append(...props.given.samples.map((/** @type {any} */ sample) => make("button", { type: "button", "data-sample": sample.name, onclick: (/** @type {MouseEvent} */ event) => {
    keyed = event.detail === 0;
    show(false);
    busy(true);
    trigger("sample", { name: sample.name });
  } }, make("img", { src: sample.picture, alt: "" }), make("span", {}, sample.title))));

  // what was pressed is no longer seen: the keys go on with what can be done
  listen("thumbnail", () => {
    if (keyed && !/** @type {HTMLElement} */ (document.activeElement)?.offsetParent) setTimeout(tell, 0, "onward"); // once the tasks show the photo
    keyed = false;
  });

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

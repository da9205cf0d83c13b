// Where the page begins: Gradio makes the components, and each is begun by the function of its name.
export { bar } from "./bar.js";
export { chain } from "./chain.js";
export { dialogs } from "./dialogs.js";
export { stage } from "./stage.js";

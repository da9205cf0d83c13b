// The page's components.
export { bar } from "./bar.js";
export { chain } from "./chain.js";
export { dialogs } from "./dialogs.js";
export { stage } from "./stage.js";

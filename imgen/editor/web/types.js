// The shapes that the modules share. Nothing runs here: `tsc --checkJs` reads it.

/** @typedef {{name: string, label: string, kind: string, help?: string, unit?: string, pad?: string, on?: string, optional?: boolean,
 *   required?: boolean, default?: any, min?: number, max?: number, step?: number, choices?: any[],
 *   own?: boolean, accept?: string[]}} Control one parameter, as the server describes it */
/** @typedef {{name: string, title: string, group: string, makes: boolean, summary: string, also: string[], plugin: string, needs: boolean,
 *   effect: string, models: {name: string, terms: string}[], controls: Control[]}} Tool */
/** @typedef {{tool: string, parameters?: Object<string, any>, enabled?: boolean, waits?: boolean, grey?: boolean, combine?: string, files?: Object<string, string>}} Card a step, as it is stored */
/** @typedef {{id: number, tool: string, parameters: Object<string, any>, enabled: boolean, waits: boolean, files: Object<string, string>}} Step a step of this page */
/** @typedef {Step & {opacity: number, combine: string}} Placed and where it acts */
/** @typedef {{title: string, about: string, steps: Card[], task: string, arms: string, do: string, shows: [number, string][],
 *   switches: [number, string][], picks: [number, string, string][], also: string}} Starter */
/** @typedef {{mode: string, radius: number, points: [number, number][]}} Stroke in pixels of the photo */
/** @typedef {{path: string, width: number, height: number, depth: number, name: string, photo: number, token: string, key?: string, shelf?: any[], coloured?: boolean, restored?: boolean, notes?: string[], recipe?: Card[] | null}} Photo */
/** @typedef {{path: string, width: number, height: number, photo: number, run: string, revision: string, live: boolean, moving: boolean,
 *   selection?: string, selecting?: boolean, image?: HTMLImageElement, selected?: HTMLImageElement | null}} Result */
/** @typedef {{element: HTMLElement, trigger: (name: string, detail?: object) => void, props: {value: any, given: any, shown: any},
 *   upload: (file: File) => Promise<{path: string}>, watch: (name: string, react: () => void) => void,
 *   known?: {tools: Tool[], starters: Starter[]}}} Component what Gradio gives a component, and what main.js asked for */
/** @typedef {{key: string, kind: string, label: string, on: boolean, value: any, none: any, set: (value: any) => void, picture?: string}} Spot a
 *   parameter that is places: on the photo, or, where it has `picture`, on a step's second picture: its token, "" as long as none was chosen */
export {};

// How the brightness of a small picture is spread, drawn behind a curve.

const BARS = 64;
const LUMA = [0.2126, 0.7152, 0.0722];
/** @type {Object<string, number[]>} */
const CHANNELS = { red: [1, 0, 0], green: [0, 1, 0], blue: [0, 0, 1] };
const SPACE = "http://www.w3.org/2000/svg";

/** Counts of its pixels' values, the greatest 1. @param {HTMLImageElement} image @param {number[]} weights of red, green and blue @returns {number[]} */
function counted(image, [red, green, blue]) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  const counts = new Array(BARS).fill(0);
  for (let i = 0; i < data.length; i += 4) counts[Math.floor((red * data[i] + green * data[i + 1] + blue * data[i + 2]) / 256 * BARS)] += 1;
  const highest = [...counts].sort((a, b) => b - a)[1] || 1; // a ground of one tone alone may be higher than the picture
  return counts.map((count) => Math.min(1, count / highest));
}

/**
 * Draw it into a graph whose sides are 1 long.
 * @param {Element} graph @param {string} picture the address of the picture; empty draws nothing @param {string} name of a channel; else it is of the luma
 */
export async function histogram(graph, picture, name) {
  if (!picture) return;
  const image = new Image();
  image.src = picture;
  await image.decode().catch(() => {}); // a broken picture has none
  if (!image.naturalWidth) return;
  const shape = document.createElementNS(SPACE, "polygon");
  shape.setAttribute("class", "histogram");
  shape.setAttribute("points", ["0,1", ...counted(image, CHANNELS[name] ?? LUMA).map((part, i) => `${(i + 0.5) / BARS},${1 - 0.95 * part}`), "1,1"].join(" "));
  graph.prepend(shape);
}

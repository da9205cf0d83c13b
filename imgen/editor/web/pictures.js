// Pictures of the server's, loaded before they are shown.

/** Load a picture before it is shown, so that nothing is drawn over the one before. @param {string} source */
export async function loaded(source) {
  const image = new Image();
  image.src = source;
  await image.decode().catch(() => {}); // shown as broken, like any other
  return image;
}

/** Show a loaded picture in place of another. @param {HTMLImageElement} old @param {HTMLImageElement} image */
export function swap(old, image) {
  image.className = old.className;
  image.alt = old.alt;
  image.draggable = false;
  image.hidden = old.hidden;
  image.style.cssText = old.style.cssText;
  old.replaceWith(image);
}

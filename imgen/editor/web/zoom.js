// The picture's size in its frame: fitted, or zoomed around the pointer and scrolled.
window.imgen.zoom = window.imgen.zoom || ((frame, picture, show) => {
  const ROOM = 16; // pixels around a fitted picture
  const MOST = 16; // screen pixels a pixel of the photo
  const SMALL = 240; // screen pixels to which a tiny picture is enlarged when it is fitted
  const NARROW = 150; // screen pixels below which a picture has no room for words on it
  let seen = null; // {width, height} of the photo or its result
  let factor = 1; // 1 fits
  let hand = null; // where a pan began

  const fitting = () => Math.min((frame.clientWidth - ROOM) / seen.width, (frame.clientHeight - ROOM) / seen.height, Math.max(3, SMALL / Math.max(seen.width, seen.height)));
  const least = () => Math.min(1, 1 / fitting()); // a small picture may shrink to its own size

  function apply() {
    if (!seen) return;
    const scale = fitting() * factor;
    picture.style.width = `${Math.max(1, seen.width * scale)}px`;
    picture.style.height = `${Math.max(1, seen.height * scale)}px`;
    frame.classList.toggle("zoomed", factor > 1);
    picture.classList.toggle("narrow", seen.width * scale < NARROW);
    show(scale, factor);
  }

  // Zoom so that the place under (x, y) of the window stays there.
  function to(next, x, y) {
    if (!seen) return;
    const before = picture.getBoundingClientRect();
    const [partX, partY] = [(x - before.left) / before.width, (y - before.top) / before.height];
    factor = Math.min(Math.max(next, least()), Math.max(1, MOST / fitting()));
    apply();
    const after = picture.getBoundingClientRect();
    frame.scrollLeft += after.left + partX * after.width - x;
    frame.scrollTop += after.top + partY * after.height - y;
  }

  function by(ratio) {
    const box = frame.getBoundingClientRect();
    to(factor * ratio, box.left + box.width / 2, box.top + box.height / 2);
  }

  frame.addEventListener("wheel", (event) => {
    event.preventDefault();
    to(factor * Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
  }, { passive: false });
  // the middle button, or the space bar and any button, moves the picture
  let space = false;
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !(event.target === document.body || frame.contains(event.target))) return;
    space = true;
    frame.classList.add("panning");
    event.preventDefault();
  });
  document.addEventListener("keyup", (event) => { if (event.key === " ") { space = false; frame.classList.remove("panning"); } });
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 1 && !space) return;
    hand = [event.clientX + frame.scrollLeft, event.clientY + frame.scrollTop];
    frame.setPointerCapture(event.pointerId);
    event.preventDefault();
    event.stopPropagation();
  }, true);
  frame.addEventListener("pointermove", (event) => {
    if (!hand) return;
    frame.scrollTo(hand[0] - event.clientX, hand[1] - event.clientY);
    event.stopPropagation();
  }, true);
  for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, () => { hand = null; }, true);
  new ResizeObserver(apply).observe(frame);

  return {
    by,
    fit() { factor = 1; apply(); },
    full() { if (seen) by(1 / (fitting() * factor)); },
    see(next) { seen = next; apply(); },
    begin() { factor = 1; },
  };
});

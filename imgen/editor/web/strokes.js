// What is brushed on the photo: drawn with hand, brush, box and eraser, kept as strokes in pixels of the photo at its full size.

/** @typedef {import("./types.js").Stroke} Stroke */

/** A part of the photo's longest side that the brush covers; the slider is quadratic, so that thin brushes are easy to set. @param {number} slider 0..100 */
export function brushPart(slider) { return 0.0015 + 0.12 * (slider / 100) ** 2; }

/**
 * @param {HTMLCanvasElement} canvas lies over the picture
 * @param {{photo: () => {width: number, height: number}, mode: () => string, radius: () => number, colour: () => string,
 *   begun: () => void, moved: (event: PointerEvent) => void, done: (stroke: Stroke | null) => void}} ask done: with null where nothing came of it
 */
export function drawing(canvas, ask) {
  const pen = canvas.getContext("2d");
  /** @type {Stroke[]} */
  let strokes = [];
  /** @type {Stroke | null} */
  let stroke = null; // the one being drawn

  /** @param {PointerEvent} event @returns {[number, number]} */
  function at(event) {
    const box = canvas.getBoundingClientRect();
    const { width, height } = ask.photo();
    const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;
    return [round((event.clientX - box.left) * width / box.width), round((event.clientY - box.top) * height / box.height)];
  }

  /** @param {Stroke} one */
  function draw(one, from = 0) {
    const scale = canvas.width / ask.photo().width;
    pen.globalCompositeOperation = one.mode === "erase" ? "destination-out" : "source-over";
    pen.lineCap = pen.lineJoin = "round";
    pen.lineWidth = 2 * one.radius * scale;
    pen.strokeStyle = pen.fillStyle = ask.colour();
    if (one.mode === "box") {
      const [[left, top], [right, bottom]] = one.points;
      pen.fillRect(left * scale, top * scale, (right - left) * scale, (bottom - top) * scale);
      return;
    }
    pen.beginPath();
    one.points.slice(Math.max(0, from - 1)).forEach(([x, y], i) => (i ? pen.lineTo(x * scale, y * scale) : pen.moveTo(x * scale, y * scale)));
    if (one.points.length === 1) pen.lineTo(one.points[0][0] * scale + 0.01, one.points[0][1] * scale);
    pen.stroke();
  }

  function redraw() {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    if (ask.photo()) strokes.forEach((one) => draw(one));
  }

  canvas.addEventListener("pointerdown", (event) => {
    const mode = ask.mode();
    if (event.button !== 0 || mode === "hand") return;
    canvas.setPointerCapture(event.pointerId);
    stroke = { mode, radius: Math.round(ask.radius() * 100) / 100, points: mode === "box" ? [at(event), at(event)] : [at(event)] };
    ask.begun();
    draw(stroke);
  });
  canvas.addEventListener("pointermove", (event) => {
    ask.moved(event);
    if (!stroke) return;
    if (stroke.mode === "box") {
      stroke.points[1] = at(event);
      redraw();
      draw(stroke);
      return;
    }
    const from = stroke.points.length;
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) {
      const [x, y] = at(move);
      const [lastX, lastY] = stroke.points[stroke.points.length - 1];
      if (Math.hypot(x - lastX, y - lastY) >= Math.max(0.5, stroke.radius / 8)) stroke.points.push([x, y]);
    }
    if (stroke.points.length > from) draw(stroke, from);
  });
  function lift() {
    if (!stroke) return;
    const one = stroke;
    stroke = null;
    const slip = one.mode === "box" && one.points[0].some((from, side) => Math.abs(one.points[1][side] - from) < 0.5);
    if (slip) redraw();
    else strokes = [...strokes, one];
    ask.done(slip ? null : one);
  }
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);

  return {
    redraw,
    get: () => strokes,
    busy: () => stroke !== null,
    /** @param {Stroke[]} next */
    set(next) { strokes = next; redraw(); },
    /** Nothing comes of the stroke under way. */
    drop() {
      if (!stroke) return;
      stroke = null;
      redraw();
      ask.done(null);
    },
  };
}

/**
 * Draw the outline of what another canvas or picture shows, so that what lies inside can be judged.
 * @param {HTMLCanvasElement} canvas @param {HTMLCanvasElement | HTMLImageElement} shape @param {number} width of the line, in pixels of the canvas
 */
export function outline(canvas, shape, width) {
  const pen = canvas.getContext("2d");
  pen.globalCompositeOperation = "source-over";
  pen.clearRect(0, 0, canvas.width, canvas.height);
  for (let turn = 0; turn < 8; turn += 1) {
    const angle = turn * Math.PI / 4;
    pen.drawImage(shape, width * Math.cos(angle), width * Math.sin(angle), canvas.width, canvas.height);
  }
  pen.globalCompositeOperation = "destination-out";
  for (let time = 0; time < 4; time += 1) pen.drawImage(shape, 0, 0, canvas.width, canvas.height); // a soft edge is taken away, too
}

// The canvas that one draws on: with a pointer (mouse, finger, pen), or with the keyboard. Keeps strokes, not pixels.

const SIDE = 320; // of the coordinates of strokes, and of the canvas that is framed
const STEP = 8; // of the pen under an arrow key
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

export class DrawingPad {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {object} drawing the contract's drawing part.
   * @param {() => void} changed called after every change.
   */
  constructor(canvas, drawing, changed) {
    this.canvas = canvas;
    this.drawing = drawing;
    this.changed = changed;
    this.strokes = [];
    this.pen = null; // the pointer that draws
    this.cursor = null; // of the keyboard: [x, y]
    this.isDown = false; // whether the keyboard's pen touches the paper
    [canvas.width, canvas.height] = [2 * SIDE, 2 * SIDE];
    canvas.classList.add(drawing.ink);
    canvas.addEventListener('pointerdown', (event) => this.#begin(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, (event) => this.#end(event));
    canvas.addEventListener('keydown', (event) => this.#key(event));
    canvas.addEventListener('blur', () => this.#lift());
    this.#show();
  }

  get isEmpty() {
    return this.strokes.length === 0;
  }

  undo() {
    this.strokes.pop();
    this.#lift();
    this.#update();
  }

  clear() {
    this.strokes = [];
    this.#lift();
    this.#update();
  }

  /**
   * Return the ink of a canvas on which the strokes fill the frame that the contract asks for, drawn with its width of
   * a line: so a small drawing has no thicker lines than a large one once it is framed.
   */
  ink() {
    const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d', { willReadFrequently: true });
    const { stroke, margin } = this.drawing;
    const points = this.strokes.flat();
    const [xs, ys] = [points.map((point) => point[0]), points.map((point) => point[1])];
    const [left, right, top, bottom] = [least(xs), -least(xs.map((x) => -x)), least(ys), -least(ys.map((y) => -y))];
    const room = Math.max(SIDE * (1 - 2 * margin - stroke), 1);
    const scale = room / Math.max(right - left, bottom - top, SIDE / 8);
    const [x0, y0] = [SIDE / 2 - (scale * (left + right)) / 2, SIDE / 2 - (scale * (top + bottom)) / 2];
    context.setTransform(scale, 0, 0, scale, x0, y0);
    draw(context, this.strokes, (stroke * SIDE) / scale);
    const { data } = context.getImageData(0, 0, SIDE, SIDE);
    return { width: SIDE, height: SIDE, data: Uint8Array.from({ length: SIDE * SIDE }, (_, at) => data[4 * at + 3]) };
  }

  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  }

  #begin(event) {
    if (this.pen !== null || event.button !== 0) return; // a second finger does not draw
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.#lift();
    this.pen = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.strokes.push([this.#place(event)]);
    this.#update();
  }

  #move(event) {
    if (event.pointerId !== this.pen) return;
    const events = event.getCoalescedEvents?.() ?? [];
    this.strokes.at(-1)?.push(...(events.length ? events : [event]).map((one) => this.#place(one)));
    this.#update();
  }

  #end(event) {
    if (event.pointerId === this.pen) this.pen = null;
  }

  #key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') this.undo();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === 'Delete') this.clear();
    else if (event.key in ARROWS) this.#moveCursor(...ARROWS[event.key], event.shiftKey ? 4 : 1);
    else if (event.key === ' ' || event.key === 'Enter') this.#touch();
    else return;
    event.preventDefault();
  }

  #moveCursor(x, y, times) {
    const within = (value) => Math.min(SIDE, Math.max(0, value));
    this.cursor ??= [SIDE / 2, SIDE / 2];
    this.cursor = [within(this.cursor[0] + x * times), within(this.cursor[1] + y * times)];
    if (this.isDown) this.strokes.at(-1).push(this.cursor);
    this.isDown ? this.#update() : this.#show();
  }

  #touch() {
    this.cursor ??= [SIDE / 2, SIDE / 2];
    this.isDown = !this.isDown;
    if (this.isDown) this.strokes.push([this.cursor]);
    this.#update();
  }

  #lift() {
    this.isDown = false;
    this.#show();
  }

  #update() {
    this.#show();
    this.changed();
  }

  #show() {
    const context = this.canvas.getContext('2d');
    const ink = this.drawing.ink === 'light_on_dark' ? '#fff' : '#000';
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(2, 0, 0, 2, 0, 0);
    [context.strokeStyle, context.fillStyle] = [ink, ink];
    draw(context, this.strokes, this.drawing.stroke * SIDE * 0.7);
    if (this.cursor === null || document.activeElement !== this.canvas) return;
    [context.strokeStyle, context.lineWidth] = [this.isDown ? '#d33' : '#4a8', 2];
    context.beginPath();
    context.arc(...this.cursor, 7, 0, 2 * Math.PI);
    context.stroke();
  }
}

function least(values) {
  return values.reduce((one, other) => Math.min(one, other), Infinity);
}

function draw(context, strokes, width) {
  [context.lineWidth, context.lineCap, context.lineJoin] = [width, 'round', 'round'];
  for (const points of strokes) {
    context.beginPath();
    context.arc(...points[0], width / 2, 0, 2 * Math.PI); // a line of no length would not be drawn
    context.fill();
    context.beginPath();
    for (const point of points) context.lineTo(...point);
    context.stroke();
  }
}

// @ts-check
/// <reference lib="dom" />
// Moves and scales a drawing inside its frame: by dragging, by pinching or Ctrl and the wheel, by keys.

const LARGEST = 2;
const PAN_STEP = 60;
const DRAG_STARTS_AT = 4;

/** A drawing that can be moved and scaled. */
export class Viewport {
  /** Factor of lengths, and where the drawing's origin lies in the frame. */
  scale = 1;
  x = 0;
  y = 0;

  /**
   * @param {SVGSVGElement} frame
   * @param {{ size: () => { width: number, height: number }, moved: () => void }} drawing
   */
  constructor(frame, drawing) {
    this.frame = frame;
    this.drawing = drawing;
    frame.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    frame.addEventListener("pointerdown", (event) => this.#drag(event));
    frame.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Scales the drawing so that all of it is seen, never larger than life. */
  fit() {
    const { width, height } = this.drawing.size();
    const { clientWidth, clientHeight } = this.frame;
    this.scale = Math.min(1, this.#wholeScale());
    this.x = (clientWidth - width * this.scale) / 2;
    this.y = (clientHeight - height * this.scale) / 2;
    this.drawing.moved();
  }

  /**
   * Scales about a point of the frame; its centre by default.
   * @param {number} factor
   * @param {{ x: number, y: number }} [about]
   */
  zoom(factor, about) {
    const centre = { x: this.frame.clientWidth / 2, y: this.frame.clientHeight / 2 };
    const { x, y } = about ?? centre;
    const smallest = Math.min(0.5, this.#wholeScale() / 2);
    const scale = Math.min(LARGEST, Math.max(smallest, this.scale * factor));
    this.x = x - (x - this.x) * scale / this.scale;
    this.y = y - (y - this.y) * scale / this.scale;
    this.scale = scale;
    this.drawing.moved();
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  pan(x, y) {
    this.x += x;
    this.y += y;
    this.drawing.moved();
  }

  /**
   * Moves the drawing so far that this part of it is seen.
   * @param {{ x: number, y: number, width: number, height: number }} part
   */
  reveal(part) {
    const { clientWidth, clientHeight } = this.frame;
    const left = part.x * this.scale + this.x;
    const top = part.y * this.scale + this.y;
    const right = left + part.width * this.scale;
    const bottom = top + part.height * this.scale;
    this.pan(
      left < 0 ? -left : Math.min(0, clientWidth - right),
      top < 0 ? -top : Math.min(0, clientHeight - bottom),
    );
  }

  #wholeScale() {
    const { width, height } = this.drawing.size();
    return Math.min(this.frame.clientWidth / width, this.frame.clientHeight / height);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // the page itself scrolls
    event.preventDefault();
    const box = this.frame.getBoundingClientRect();
    const about = { x: event.clientX - box.x, y: event.clientY - box.y };
    this.zoom(Math.exp(-event.deltaY / 300), about);
  }

  /** @param {PointerEvent} down */
  #drag(down) {
    if (down.button !== 0 || down.pointerType === "touch") return;
    const { frame } = this;
    let last = down;
    let isDrag = false;
    /** @param {PointerEvent} event */
    const move = (event) => {
      isDrag ||= Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) >
        DRAG_STARTS_AT;
      if (!isDrag) return;
      frame.classList.add("dragged");
      this.pan(event.clientX - last.clientX, event.clientY - last.clientY);
      last = event;
    };
    const up = () => {
      removeEventListener("pointermove", move);
      frame.classList.remove("dragged");
      if (!isDrag) return;
      // The click that ends a drag is not meant for the node under it.
      frame.addEventListener("click", (event) => event.preventDefault(), {
        capture: true,
        once: true,
      });
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up, { once: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const action = {
      ArrowLeft: () => this.pan(PAN_STEP, 0),
      ArrowRight: () => this.pan(-PAN_STEP, 0),
      ArrowUp: () => this.pan(0, PAN_STEP),
      ArrowDown: () => this.pan(0, -PAN_STEP),
      "+": () => this.zoom(1.25),
      "=": () => this.zoom(1.25),
      "-": () => this.zoom(0.8),
      "0": () => this.fit(),
    }[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  }
}

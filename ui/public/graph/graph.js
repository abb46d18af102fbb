// @ts-check
/// <reference lib="dom" />
// Draws a run's graph. Near by, steps are cards with words; from afar, and where thousands are in sight,
// they are one path per status, so that ten thousand stay smooth.
import { address } from "../api.js";
import { fill, h, s } from "../dom.js";
import { GraphCards, statusOf } from "./graph_cards.js";
import { Viewport } from "./viewport.js";

/**
 * @typedef {import("./graph_cards.js").Layout} Layout
 * @typedef {import("./graph_cards.js").Node} Node
 * @typedef {import("./graph_cards.js").Steps} Steps
 * @typedef {import("./graph_wish.js").Wish} Wish
 */

const MOST_CARDS = 320;
const SMALLEST_CARDS = 0.3;
const MARGIN = 20;
const LOWEST = 150;

/** A run's graph in a frame. */
export class GraphView {
  #frame = s("svg", {
    class: "graph",
    tabindex: 0,
    role: "group",
    "aria-label":
      "Graph of the steps; arrow keys move it, plus and minus scale it, 0 shows all of it",
  });
  #content = s("g");
  #edges = s("path", { class: "edges" });
  #blocks = s("g");
  #details = s("g");
  #isDrawn = true;
  #areBlocksOld = true;
  #width = 0;
  #tools = h("div", { class: "tools" });
  /** @type {Layout} */
  layout;
  /** @type {ReadonlyMap<string, Node>} */
  nodes = new Map();
  /** @type {GraphCards | undefined} */
  cards;

  /**
   * @param {string} run
   * @param {Layout} layout
   * @param {{ steps: Steps, askAnew: (wish: Wish) => Promise<Layout> }} given
   */
  constructor(run, layout, { steps, askAnew }) {
    this.run = run;
    this.steps = steps;
    this.askAnew = askAnew;
    this.layout = layout;
    this.#content.append(this.#edges, this.#blocks, this.#details);
    this.#frame.append(this.#content);
    this.viewport = new Viewport(this.#frame, {
      size: () => ({
        width: this.layout.width + 2 * MARGIN,
        height: this.layout.height + 2 * MARGIN,
      }),
      moved: () => this.#drawSoon(),
    });
    this.#frame.addEventListener("focusin", (event) => this.#revealFocus(event));
    this.element = h(
      "section",
      {},
      h("div", { class: "heading" }, h("h2", {}, "Graph"), this.#tools),
      h("div", { class: "frame" }, this.#frame),
    );
    this.#show(layout);
    new ResizeObserver(() => this.#fitWidth()).observe(this.#frame);
  }

  /**
   * Puts another layout of the same run into the frame.
   * @param {Layout} layout
   */
  #show(layout) {
    this.layout = layout;
    this.nodes = new Map(layout.nodes.map((node) => [node.name, node]));
    this.cards = new GraphCards(layout, this.steps, (node) => this.#linkOf(node));
    this.#edges.setAttribute("d", layout.edges.map((edge) => curve(edge.points, layout)).join(""));
    fill(this.#tools, this.#toolButtons());
    this.#width = 0;
    this.#fitWidth();
    this.update();
  }

  /** @param {Node} node */
  #linkOf({ name, steps }) {
    if (steps === undefined) return { href: address`/runs/${this.run}/steps/${name}` };
    const click = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#wish({ open: [...this.#openOnes(), name] }, steps[0]);
    };
    return { href: address`/runs/${this.run}?open=${name}`, click };
  }

  #openOnes() {
    return this.layout.matrices.filter(({ isOpen }) => isOpen).map(({ name }) => name);
  }

  /**
   * @param {Partial<Wish>} wish
   * @param {string} [focused] node that gets the focus afterwards
   */
  async #wish(wish, focused) {
    const now = { open: this.#openOnes(), direction: this.layout.direction };
    const layout = await this.askAnew({ ...now, ...wish }).catch(() => undefined);
    if (layout === undefined) return; // the server is away, which the page says elsewhere
    this.#show(layout);
    this.#draw();
    const selector = `[data-step="${CSS.escape(focused ?? "")}"]`;
    /** @type {SVGElement | null} */ (this.#details.querySelector(selector))?.focus();
  }

  /** Draws what changed; an unknown name draws nothing. */
  update() {
    this.#areBlocksOld = true;
    this.#drawSoon();
  }

  #toolButtons() {
    /** @type {[string, string, () => void][]} */
    const tools = [
      ...this.#openOnes().map((name) => /** @type {[string, string, () => void]} */ ([
        `close ${name}`,
        `Show the steps of ${name} as one`,
        () => this.#wish({ open: this.#openOnes().filter((other) => other !== name) }, name),
      ])),
      this.layout.direction === "right"
        ? ["↓", "From top to bottom", () => this.#wish({ direction: "down" })]
        : ["→", "From left to right", () => this.#wish({ direction: "right" })],
      ["+", "Larger", () => this.viewport.zoom(1.25)],
      ["−", "Smaller", () => this.viewport.zoom(0.8)],
      ["⤢", "Show all of it", () => this.viewport.fit()],
    ];
    return tools.map(([text, label, click]) =>
      h("button", { type: "button", "aria-label": label, title: label, click }, text)
    );
  }

  #fitWidth() {
    const { clientWidth } = this.#frame;
    if (clientWidth === 0 || clientWidth === this.#width) return;
    this.#width = clientWidth;
    const scale = Math.min(1, clientWidth / (this.layout.width + 2 * MARGIN));
    const height = (this.layout.height + 2 * MARGIN) * scale;
    this.#frame.style.height = `${Math.min(Math.max(height, LOWEST), innerHeight * 0.6)}px`;
    this.viewport.fit();
  }

  #drawSoon() {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    requestAnimationFrame(() => {
      this.#isDrawn = true;
      this.#draw();
    });
  }

  #draw() {
    const { scale, x, y } = this.viewport;
    const shift = `translate(${x + MARGIN * scale} ${y + MARGIN * scale}) scale(${scale})`;
    this.#content.setAttribute("transform", shift);
    const seen = scale < SMALLEST_CARDS && this.nodes.size > MOST_CARDS ? [] : this.#seenNodes();
    const areCards = seen.length > 0 && seen.length <= MOST_CARDS;
    this.#blocks.style.display = areCards ? "none" : "";
    this.#details.style.display = areCards ? "" : "none";
    if (areCards) this.#drawCards(seen);
    else if (this.#areBlocksOld) this.#drawBlocks();
  }

  #seenNodes() {
    if (this.nodes.size <= MOST_CARDS) return this.layout.nodes;
    const { scale, x, y } = this.viewport;
    const { nodeWidth, nodeHeight, nodes } = this.layout;
    const { clientWidth, clientHeight } = this.#frame;
    const [left, right] = [-x / scale - nodeWidth, (clientWidth - x) / scale + nodeWidth];
    const [top, bottom] = [-y / scale - nodeHeight, (clientHeight - y) / scale + nodeHeight];
    return nodes.filter((node) =>
      node.x > left && node.x < right && node.y > top && node.y < bottom
    );
  }

  /** @param {readonly Node[]} nodes */
  #drawCards(nodes) {
    const cards = nodes.map((node) => this.cards?.card(node)).filter((card) => card !== undefined);
    const isSame = cards.length === this.#details.childNodes.length &&
      cards.every((card, at) => card === this.#details.childNodes[at]);
    if (!isSame) this.#details.replaceChildren(...cards);
  }

  #drawBlocks() {
    this.#areBlocksOld = false;
    const { nodeWidth: width, nodeHeight: height } = this.layout;
    /** @type {Map<string, string[]>} */
    const parts = new Map();
    for (const node of this.layout.nodes) {
      const status = statusOf(this.steps, node);
      const paths = parts.get(status) ?? [];
      paths.push(`M${node.x - width / 2} ${node.y - height / 2}h${width}v${height}h${-width}z`);
      parts.set(status, paths);
    }
    fill(
      this.#blocks,
      [...parts].map(([status, paths]) =>
        s("path", { class: `block ${status}`, d: paths.join("") })
      ),
    );
  }

  /** @param {FocusEvent} event */
  #revealFocus({ target }) {
    const name = target instanceof Element ? target.getAttribute("data-step") : null;
    const node = this.nodes.get(name ?? "");
    if (node === undefined) return;
    const { nodeWidth: width, nodeHeight: height } = this.layout;
    const [x, y] = [node.x - width / 2, node.y - height / 2];
    this.viewport.reveal({ x, y, width: width + 2 * MARGIN, height: height + 2 * MARGIN });
  }
}

/**
 * A line that leaves and arrives along the direction of the graph.
 * @param {readonly (readonly [number, number])[]} points
 * @param {Layout} layout
 */
function curve(points, { direction }) {
  let path = "";
  points.forEach(([x, y], at) => {
    const before = points[at - 1];
    if (before === undefined) path += `M${x} ${y}`;
    else if (direction === "right") {
      const middle = (before[0] + x) / 2;
      path += `C${middle} ${before[1]} ${middle} ${y} ${x} ${y}`;
    } else {
      const middle = (before[1] + y) / 2;
      path += `C${before[0]} ${middle} ${x} ${middle} ${x} ${y}`;
    }
  });
  return path;
}

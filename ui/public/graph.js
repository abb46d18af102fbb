// @ts-check
/// <reference lib="dom" />
// Draws a run's graph. Near by, steps are cards with words; from afar, and where thousands are in sight,
// they are one path per status, so that ten thousand stay smooth.
import { address } from "./api.js";
import { fill, h, s } from "./dom.js";
import { STATUSES } from "./status.js";
import { duration } from "./words.js";
import { Viewport } from "./viewport.js";

/**
 * @typedef {import("../placed_graph.ts").Layout} Layout
 * @typedef {import("../placed_graph.ts").PlacedNode} PlacedNode
 * @typedef {import("../run_fold.ts").StepView} StepView
 * @typedef {{ done: number, total: number, unit: string }} Progress
 * @typedef {{ step: (name: string) => StepView | undefined, progress: (name: string) => Progress | undefined }} Steps
 */

const MOST_CARDS = 320;
const SMALLEST_CARDS = 0.3;
const LONGEST_NAME = 19;
const MARGIN = 20;
const LOWEST = 150;

/** A run's graph in a frame. */
export class GraphView {
  /** @type {Map<string, { card: SVGAElement, looks: string }>} */
  #cards = new Map();
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

  /**
   * @param {string} run
   * @param {Layout} layout
   * @param {Steps} steps
   */
  constructor(run, layout, steps) {
    this.run = run;
    this.layout = layout;
    this.steps = steps;
    this.nodes = new Map(layout.nodes.map((node) => [node.name, node]));
    this.#edges.setAttribute("d", layout.edges.map((edge) => curve(edge.points, layout)).join(""));
    this.#content.append(this.#edges, this.#blocks, this.#details);
    this.#frame.append(this.#content);
    this.viewport = new Viewport(this.#frame, {
      size: () => ({ width: layout.width + 2 * MARGIN, height: layout.height + 2 * MARGIN }),
      moved: () => this.#drawSoon(),
    });
    this.#frame.addEventListener("focusin", (event) => this.#revealFocus(event));
    this.element = h(
      "section",
      {},
      h("div", { class: "heading" }, h("h2", {}, "Graph"), this.#tools()),
      h("div", { class: "frame" }, this.#frame),
    );
    this.#watchSize();
  }

  /** Draws what changed; an unknown name draws nothing. */
  update() {
    this.#areBlocksOld = true;
    this.#drawSoon();
  }

  #tools() {
    /** @type {[string, string, () => void][]} */
    const tools = [
      ["+", "Larger", () => this.viewport.zoom(1.25)],
      ["−", "Smaller", () => this.viewport.zoom(0.8)],
      ["⤢", "Show all of it", () => this.viewport.fit()],
    ];
    return h(
      "div",
      { class: "tools" },
      tools.map(([text, label, click]) =>
        h("button", { type: "button", "aria-label": label, title: label, click }, text)
      ),
    );
  }

  #watchSize() {
    let width = 0;
    new ResizeObserver(() => {
      const { clientWidth } = this.#frame;
      if (clientWidth === 0 || clientWidth === width) return;
      width = clientWidth;
      const scale = Math.min(1, width / (this.layout.width + 2 * MARGIN));
      const height = (this.layout.height + 2 * MARGIN) * scale;
      this.#frame.style.height = `${Math.min(Math.max(height, LOWEST), innerHeight * 0.6)}px`;
      this.viewport.fit();
    }).observe(this.#frame);
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

  /** @param {readonly PlacedNode[]} nodes */
  #drawCards(nodes) {
    const cards = nodes.flatMap((node) => {
      const step = this.steps.step(node.name);
      return step === undefined ? [] : [this.#card(node, step)];
    });
    const isSame = cards.length === this.#details.childNodes.length &&
      cards.every((card, at) => card === this.#details.childNodes[at]);
    if (!isSame) this.#details.replaceChildren(...cards);
  }

  /**
   * @param {PlacedNode} node
   * @param {StepView} step
   */
  #card(node, step) {
    const progress = this.steps.progress(node.name);
    const looks = JSON.stringify([step.status, detailOf(step, progress), progress]);
    const known = this.#cards.get(node.name);
    if (known?.looks === looks) return known.card;
    const card = known?.card ?? this.#emptyCard(node);
    card.setAttribute("class", `card ${step.status}`);
    fill(card, cardParts(step, progress, this.layout));
    this.#cards.set(node.name, { card, looks });
    return card;
  }

  /** @param {PlacedNode} node */
  #emptyCard({ name, x, y }) {
    const { nodeWidth, nodeHeight } = this.layout;
    return s("a", {
      href: address`/runs/${this.run}/steps/${name}`,
      transform: `translate(${x - nodeWidth / 2} ${y - nodeHeight / 2})`,
      "data-step": name,
    });
  }

  #drawBlocks() {
    this.#areBlocksOld = false;
    const { nodeWidth: width, nodeHeight: height } = this.layout;
    const parts = new Map(STATUSES.map((status) => [status, /** @type {string[]} */ ([])]));
    for (const { name, x, y } of this.layout.nodes) {
      const status = this.steps.step(name)?.status ?? "waiting";
      parts.get(status)?.push(
        `M${x - width / 2} ${y - height / 2}h${width}v${height}h${-width}z`,
      );
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
 * @param {StepView} step
 * @param {Progress | undefined} progress
 * @param {Layout} layout
 */
function cardParts(step, progress, { nodeWidth: width, nodeHeight: height }) {
  const detail = detailOf(step, progress);
  const share = progress === undefined ? 0 : progress.done / Math.max(progress.total, 1);
  return [
    s("title", {}, `${step.name}: ${step.status}, ${detail}`),
    s("rect", { class: "paper", width, height, rx: 9 }),
    s("circle", { class: "dot", cx: 19, cy: height / 2, r: 5 }),
    s("text", { class: "name", x: 36, y: 24 }, shortenName(step.name)),
    s("text", { class: "detail", x: 36, y: 42 }, shorten(detail, 26)),
    progress !== undefined && s("rect", {
      class: "progress",
      x: 9,
      y: height - 3,
      width: (width - 18) * Math.min(1, share),
      height: 3,
      rx: 1.5,
    }),
  ];
}

/**
 * What a card says under the name.
 * @param {StepView} step
 * @param {Progress | undefined} progress
 */
function detailOf(step, progress) {
  const { status, plugin, durationMs, savedMs } = step;
  if (status === "running" && progress !== undefined) {
    return `${plugin} · ${progress.done} of ${progress.total} ${progress.unit}`;
  }
  if (status === "reused") return `${plugin} · saved ${duration(savedMs ?? 0)}`;
  return durationMs === undefined ? `${plugin} · ${status}` : `${plugin} · ${duration(durationMs)}`;
}

/**
 * Leaves out the middle: the steps of a matrix differ at the end.
 * @param {string} name
 */
function shortenName(name) {
  return name.length > LONGEST_NAME ? `${name.slice(0, 7)}…${name.slice(8 - LONGEST_NAME)}` : name;
}

/**
 * @param {string} text
 * @param {number} longest
 */
function shorten(text, longest) {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
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

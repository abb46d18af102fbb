// @ts-check
/// <reference lib="dom" />
// The nodes of a graph near by: a step as a card with its words, a matrix as a stack of cards with a count.
import { fill, s } from "../dom.js";
import { stateOfAll, STATUSES, tally } from "../status.js";
import { duration } from "../words.js";

/**
 * @typedef {import("../../graph/graph_view.ts").GraphView} Layout
 * @typedef {import("../../graph/graph_view.ts").GraphNodeView} Node
 * @typedef {import("../../runs/run_fold.ts").StepView} StepView
 * @typedef {{ done: number, total: number, unit: string }} Progress
 * @typedef {{ step: (name: string) => StepView | undefined, progress: (name: string) => Progress | undefined }} Steps
 * @typedef {{ status: string, kind: string, name: string, detail: string, title: string, shares: [status: string, share: number][] }} Looks
 */

const LONGEST_NAME = 16;
const LONGEST_DETAIL = 24;
const STACKED_BY = 4;

/** Cards by the names of their nodes; drawn anew only where something changed. */
export class GraphCards {
  /** @type {Map<string, { card: SVGAElement, looks: string }>} */
  #cards = new Map();

  /**
   * @param {Layout} layout
   * @param {Steps} steps
   * @param {(node: Node) => { href: string, click?: (event: Event) => void }} linkOf
   */
  constructor(layout, steps, linkOf) {
    this.layout = layout;
    this.steps = steps;
    this.linkOf = linkOf;
  }

  /**
   * The card of a node as it is now; undefined where nothing is known of it.
   * @param {Node} node
   */
  card(node) {
    const now = node.steps === undefined
      ? looksOfStep(this.steps, node.name)
      : looksOfMatrix(this.steps, node.name, node.steps);
    if (now === undefined) return undefined;
    const looks = JSON.stringify(now);
    const known = this.#cards.get(node.name);
    if (known?.looks === looks) return known.card;
    const card = known?.card ?? this.#emptyCard(node);
    card.setAttribute("class", `card ${now.status}`);
    fill(card, partsOf(now, this.layout, node.steps !== undefined));
    this.#cards.set(node.name, { card, looks });
    return card;
  }

  /** @param {Node} node */
  #emptyCard(node) {
    const { nodeWidth, nodeHeight } = this.layout;
    return s("a", {
      ...this.linkOf(node),
      transform: `translate(${node.x - nodeWidth / 2} ${node.y - nodeHeight / 2})`,
      "data-step": node.name,
    });
  }
}

/**
 * @param {Steps} steps
 * @param {Node} node
 */
export function statusOf(steps, { name, steps: members }) {
  return members === undefined
    ? steps.step(name)?.status ?? "waiting"
    : stateOfAll(tally(members.map((member) => steps.step(member)?.status)));
}

/**
 * @param {Steps} steps
 * @param {string} name
 * @returns {Looks | undefined}
 */
function looksOfStep(steps, name) {
  const step = steps.step(name);
  if (step === undefined) return undefined;
  const progress = steps.progress(name);
  const detail = detailOf(step, progress);
  const share = progress === undefined ? 0 : progress.done / Math.max(progress.total, 1);
  return {
    status: step.status,
    kind: step.kind,
    name: shortenName(name),
    detail,
    title: `${name}${step.kind === "other" ? "" : `, to ${step.kind}`}: ${step.status}, ${detail}`,
    shares: progress === undefined ? [] : [["running", Math.min(1, share)]],
  };
}

/**
 * @param {Steps} steps
 * @param {string} name
 * @param {readonly string[]} members
 * @returns {Looks}
 */
function looksOfMatrix(steps, name, members) {
  const counts = tally(members.map((member) => steps.step(member)?.status));
  const words = STATUSES.filter((status) => counts[status] !== undefined)
    .map((status) => `${counts[status]} ${status}`);
  return {
    status: stateOfAll(counts),
    kind: steps.step(members[0] ?? "")?.kind ?? "other",
    name: `${shorten(name, LONGEST_NAME - 6)} × ${members.length}`,
    detail: words.join(", "),
    title: `${name}, ${members.length} steps of a matrix: ${words.join(", ")}; open it`,
    shares: STATUSES.flatMap((status) =>
      counts[status] === undefined ? [] : [[status, counts[status] / members.length]]
    ),
  };
}

/**
 * @param {Looks} looks
 * @param {Layout} layout
 * @param {boolean} isStack
 */
function partsOf(
  { kind, name, detail, title, shares },
  { nodeWidth: width, nodeHeight: height },
  isStack,
) {
  const paper = { class: "paper", width, height, rx: 9 };
  return [
    s("title", {}, title),
    isStack && s("rect", { ...paper, x: STACKED_BY, y: STACKED_BY }),
    s("rect", paper),
    s("rect", { class: `kind ${kind}`, y: 10, width: 4, height: height - 20, rx: 2 }),
    s("circle", { class: "dot", cx: 19, cy: height / 2, r: 5 }),
    s("text", { class: "name", x: 36, y: 24 }, name),
    s("text", { class: "detail", x: 36, y: 42 }, shorten(detail, LONGEST_DETAIL)),
    ...barsOf(shares, { left: 9, width: width - 18, y: height - 3 }),
  ];
}

/**
 * @param {Looks["shares"]} shares
 * @param {{ left: number, width: number, y: number }} place
 */
function barsOf(shares, { left, width, y }) {
  let x = left;
  return shares.map(([status, share]) => {
    const bar = s("rect", { class: `block ${status}`, x, y, width: width * share, height: 3 });
    x += width * share;
    return bar;
  });
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
  return name.length > LONGEST_NAME ? `${name.slice(0, 5)}…${name.slice(6 - LONGEST_NAME)}` : name;
}

/**
 * @param {string} text
 * @param {number} longest
 */
function shorten(text, longest) {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

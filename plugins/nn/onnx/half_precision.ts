// Mixed precision as a pass over a finished graph: convolutions and matrix products compute in half precision, and so
// does what lies between them; sums, batch normalisation, loss, weights and optimiser stay in single precision.
// Whoever feeds and reads the graph notices nothing: its inputs and outputs keep their types.
import {
  type OnnxConstant,
  type OnnxModel,
  type OnnxNode,
  typeCode,
  type TypedModel,
} from "./model.ts";
import {
  floatsOf,
  type HalfOptions,
  type NodePrecision,
  operandsOf,
  precisionOf,
  type Surroundings,
} from "./node_precision.ts";

/** Rewrites a graph whose numbers are all float32, so that it computes in mixed precision. */
export function inHalfPrecision(model: TypedModel, options: HalfOptions): OnnxModel {
  return new Rewriting(model, options).finish();
}

/** What a value can be had in. */
type ValuePrecision = Exclude<NodePrecision, "between">;

class Rewriting {
  private readonly nodes: OnnxNode[] = [];
  private readonly constants: Map<string, OnnxConstant>;
  /** Values that nodes make in half precision, and truth values that came of comparing such. */
  private readonly halves = new Set<string>();
  /** Halves that have a copy in single precision, under the name that they had before. */
  private readonly widened = new Set<string>();
  /** Singles that have a copy in half precision. */
  private readonly narrowed = new Set<string>();
  /** Nodes that only give a value another shape, by what they make. */
  private readonly reshapes = new Map<string, OnnxNode>();

  constructor(private readonly model: TypedModel, private readonly options: HalfOptions) {
    this.constants = new Map(model.constants.map((constant) => [constant.name, constant]));
  }

  finish(): OnnxModel {
    for (const node of this.model.nodes) this.add(node);
    // Reading a half gives it its own name, in single precision.
    for (const { name, type } of this.model.outputs) {
      if (type === "float32") this.single(name);
    }
    return { ...this.model, nodes: this.nodes, constants: [...this.constants.values()] };
  }

  private add(node: OnnxNode): void {
    const { model } = this;
    const around: Surroundings = {
      model,
      constants: this.constants,
      isHalf: (name) => this.halves.has(name),
    };
    const precision = precisionOf(node, around, this.options);
    const operands = new Set(operandsOf(node, model));
    const take = precision === "half" ? this.half : this.single;
    const inputs = node.inputs.map((name) => operands.has(name) ? take.call(this, name) : name);
    if (node.operator === "Reshape") this.reshapes.set(node.outputs[0]!, node);
    if (precision === "single") this.nodes.push({ ...node, inputs });
    else this.addHalf({ ...node, inputs }, precision);
  }

  /** Adds a node whose numbers are handed on in half precision. */
  private addHalf(node: OnnxNode, precision: Exclude<NodePrecision, "single">): void {
    const { values } = this.model;
    for (const name of node.outputs) this.halves.add(name);
    const numbers = node.outputs.filter((name) => values.get(name)?.type === "float32");
    const suffix = precision === "half" ? half : wide;
    const outputs = node.outputs.map((name) => numbers.includes(name) ? suffix(name) : name);
    const attributes = node.operator === "Cast" ? { to: typeCode("float16") } : node.attributes;
    this.nodes.push({ ...node, outputs, attributes });
    if (precision === "half") return;
    for (const name of numbers) this.cast(wide(name), half(name), "half");
  }

  /** Gives the name of a value in half precision. */
  private half(name: string): string {
    if (this.halves.has(name) || this.narrowed.has(name)) return half(name);
    this.narrowed.add(name);
    const constant = this.constants.get(name);
    if (constant !== undefined) this.constants.set(half(name), narrowedConstant(constant));
    else this.copy(name, half(name), "half");
    return half(name);
  }

  /** Gives the name of a value in single precision. */
  private single(name: string): string {
    if (!this.halves.has(name) || this.widened.has(name)) return name;
    this.widened.add(name);
    this.copy(name, name, "single");
    return name;
  }

  /** Converts a value; what was only given another shape is converted before that, so that both share one copy. */
  private copy(name: string, into: string, precision: ValuePrecision): void {
    const reshape = this.reshapes.get(name);
    if (reshape === undefined) {
      return this.cast(precision === "half" ? name : half(name), into, precision);
    }
    const [data, shape] = reshape.inputs as [string, string];
    const source = precision === "half" ? this.half(data) : this.single(data);
    this.nodes.push({ ...reshape, inputs: [source, shape], outputs: [into] });
  }

  private cast(from: string, into: string, precision: ValuePrecision): void {
    const to = typeCode(precision === "half" ? "float16" : "float32");
    const [inputs, outputs] = [[from], [into]];
    this.nodes.push({ operator: "Cast", domain: "", inputs, outputs, attributes: { to } });
  }
}

function half(name: string): string {
  return `${name}:half`;
}

/** What a node computes before it is handed on in half precision. */
function wide(name: string): string {
  return `${name}:wide`;
}

function narrowedConstant(constant: OnnxConstant): OnnxConstant {
  const { name, shape } = constant;
  const narrow = Float16Array.from(floatsOf(constant));
  return { name: half(name), type: "float16", shape, data: new Uint8Array(narrow.buffer) };
}

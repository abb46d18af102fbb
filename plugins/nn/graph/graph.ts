// Builds an ONNX graph node by node. A tensor is a handle with a shape; operators.ts and layers/ make
// new tensors from old ones, and the graph remembers the nodes in between.
import {
  type Attribute,
  type DataType,
  type Dimension,
  encodeModel,
  type OnnxConstant,
  type OnnxNode,
  type OnnxValue,
  type TypedModel,
} from "../onnx/model.ts";

/** A value in a graph. Two tensors are the same where their names are. */
export interface Tensor extends OnnxValue {
  /** The graph that it is a value of. */
  readonly graph: Graph;
}

/** Shape and element type (float32 unless said) of what a node makes. */
export interface Result {
  /** Lengths of the axes. */
  readonly shape: readonly Dimension[];
  /** Element type. */
  readonly type?: DataType;
}

/** How a node works. */
export interface NodeOptions {
  /** What the operator's description calls attributes. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Empty for ONNX's own operators. */
  readonly domain?: string;
}

/** A graph under construction. */
export class Graph {
  private readonly nodes: OnnxNode[] = [];
  private readonly inputs: OnnxValue[] = [];
  private readonly outputs: OnnxValue[] = [];
  /** What nodes made. */
  private readonly made: OnnxValue[] = [];
  private readonly constants = new Map<string, OnnxConstant>();
  /** What tensors that nodes made are called in the encoded graph. */
  private readonly outputNames = new Map<string, string>();
  private readonly taken = new Set<string>();

  /** Declares a value that the caller feeds. */
  input(name: string, type: DataType, shape: readonly Dimension[]): Tensor {
    const value = { name: this.take(name), type, shape };
    this.inputs.push(value);
    return { graph: this, ...value };
  }

  /** Names a tensor that a node made as a result; a tensor has one such name. */
  output(name: string, tensor: Tensor): void {
    this.outputs.push({ name: this.take(name), type: tensor.type, shape: tensor.shape });
    if (this.outputNames.has(tensor.name)) throw new Error(`"${tensor.name}" is an output already`);
    this.outputNames.set(tensor.name, name);
  }

  /** Adds a float32 constant under a name of its own, such as a weight. */
  weight(name: string, values: Float32Array, shape: readonly number[]): Tensor {
    return this.constant({ name: this.take(name), type: "float32", shape, data: bytesOf(values) });
  }

  /** Gives a float32 constant; equal ones are stored once. */
  floats(values: readonly number[], shape: readonly number[] = [values.length]): Tensor {
    const name = `float[${shape}]:${values}`;
    const data = bytesOf(Float32Array.from(values));
    return this.constant({ name, type: "float32", shape, data });
  }

  /** Gives an int64 vector, as operators take shapes, axes and pads; equal ones are stored once. */
  integers(values: readonly number[]): Tensor {
    const data = bytesOf(BigInt64Array.from(values, BigInt));
    return this.constant({
      name: `int64:${values}`,
      type: "int64",
      shape: [values.length],
      data,
    });
  }

  /** Stands for an optional input that a node goes without. */
  absent(): Tensor {
    return { graph: this, name: "", type: "float32", shape: [] };
  }

  /** Appends a node with one result. */
  node(operator: string, inputs: readonly Tensor[], options: Result & NodeOptions): Tensor {
    return this.nodeWithResults(operator, inputs, { ...options, results: [options] })[0]!;
  }

  /** Appends a node with several results. */
  nodeWithResults(
    operator: string,
    inputs: readonly Tensor[],
    options: NodeOptions & { readonly results: readonly Result[] },
  ): Tensor[] {
    const { attributes = {}, domain = "" } = options;
    const base = `${operator}_${this.nodes.length}`;
    const results = options.results.map(({ shape, type = "float32" }, index) => ({
      graph: this,
      name: index === 0 ? base : `${base}_${index}`,
      shape,
      type,
    }));
    this.made.push(...results);
    const [taken, made] = [inputs, results].map((tensors) => tensors.map(({ name }) => name));
    this.nodes.push({ operator, domain, inputs: taken!, outputs: made!, attributes });
    return results;
  }

  /** Encodes the graph as the bytes of an `.onnx` file for a version of ONNX's operators. */
  encode(opset: number): Uint8Array {
    return encodeModel(this.model(opset));
  }

  /**
   * Gives the graph as plain data for a version of ONNX's operators, for passes over it before it is encoded.
   * @internal
   */
  model(opset: number): TypedModel {
    const { inputs, outputs } = this;
    const renamed = (name: string): string => this.outputNames.get(name) ?? name;
    const nodes = this.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(renamed),
      outputs: node.outputs.map(renamed),
    }));
    const constants = [...this.constants.values()];
    const values = new Map<string, OnnxValue>();
    for (const value of [...inputs, ...constants, ...this.made]) {
      values.set(renamed(value.name), value);
    }
    return { opset, nodes, inputs, outputs, constants, values };
  }

  /** Stores a constant once. */
  private constant(constant: OnnxConstant): Tensor {
    if (!this.constants.has(constant.name)) this.constants.set(constant.name, constant);
    const { name, type, shape } = constant;
    return { graph: this, name, type, shape };
  }

  /** Takes a name that nothing else may have. */
  private take(name: string): string {
    if (this.taken.has(name)) throw new Error(`The graph already has a value named "${name}"`);
    this.taken.add(name);
    return name;
  }
}

function bytesOf(values: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

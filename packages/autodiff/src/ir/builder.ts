import { infer } from "./infer.ts";
import { at, complement, range, sameShape } from "./shape.ts";
import type {
  BinaryOp,
  ConvAttrs,
  Direction,
  DotDims,
  DType,
  Graph,
  LiteralData,
  Monoid,
  Node,
  NodeOf,
  OpAttrs,
  OpName,
  Shape,
  TensorType,
  UnaryOp,
  Value,
} from "./types.ts";

const NONE: Record<never, never> = Object.freeze({});

/**
 * Appends nodes to a graph under construction. One method per operation that rules need often;
 * `emit` makes all the others. Operations that would change nothing return their operand.
 */
export class Builder {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];

  /** Declares the next input of the graph. */
  input(type: TensorType): Value {
    const value: Value = { type, producer: undefined };
    this.inputs.push(value);
    return value;
  }

  /** Appends one node of any operation after checking its operand types. */
  emit<K extends OpName>(op: K, inputs: readonly Value[], attrs: OpAttrs[K]): readonly Value[] {
    const types = infer[op](
      inputs.map((v) => v.type),
      attrs,
    );
    const outputs: { type: TensorType; producer: Node | undefined }[] = types.map((type) => ({
      type,
      producer: undefined,
    }));
    const node = { op, inputs: [...inputs], attrs, outputs } as NodeOf<K> as unknown as Node;
    for (const value of outputs) value.producer = node;
    this.nodes.push(node);
    return outputs;
  }

  /** `emit` for operations with one result. */
  one<K extends OpName>(op: K, inputs: readonly Value[], attrs: OpAttrs[K]): Value {
    return at(this.emit(op, inputs, attrs), 0);
  }

  /** Copies the nodes of a graph here with `inputs` in place of its inputs; returns its outputs. */
  inline(graph: Graph, inputs: readonly Value[]): Value[] {
    const map = new Map<Value, Value>(graph.inputs.map((v, i) => [v, at(inputs, i)]));
    const look = (v: Value): Value => {
      const found = map.get(v);
      if (found === undefined) throw new Error("inline: the graph uses a value it does not define");
      return found;
    };
    for (const node of graph.nodes) {
      const outputs = this.emit(node.op, node.inputs.map(look), node.attrs as never);
      node.outputs.forEach((v, i) => {
        map.set(v, at(outputs, i));
      });
    }
    return graph.outputs.map(look);
  }

  /** The finished graph. */
  finish(outputs: readonly Value[]): Graph {
    return { inputs: this.inputs, nodes: this.nodes, outputs: [...outputs] };
  }

  constant(type: TensorType, data: LiteralData): Value {
    return this.one("constant", [], { type, data });
  }
  /** A constant with the same number everywhere. */
  fill(type: TensorType, value: number): Value {
    return this.constant(type, literal(type.dtype, [value]));
  }
  zeros(type: TensorType): Value {
    return this.fill(type, 0);
  }
  iota(type: TensorType, dimension: number): Value {
    return this.one("iota", [], { type, dimension });
  }

  add(x: Value, y: Value): Value {
    return this.one("add", [x, y], NONE);
  }
  sub(x: Value, y: Value): Value {
    return this.one("subtract", [x, y], NONE);
  }
  mul(x: Value, y: Value): Value {
    return this.one("multiply", [x, y], NONE);
  }
  div(x: Value, y: Value): Value {
    return this.one("divide", [x, y], NONE);
  }
  neg(x: Value): Value {
    return this.one("negate", [x], NONE);
  }
  /** x · number, elementwise. */
  scale(x: Value, factor: number): Value {
    return this.mul(x, this.fill(x.type, factor));
  }
  /** x + number, elementwise. */
  shift(x: Value, offset: number): Value {
    return this.add(x, this.fill(x.type, offset));
  }
  /** An elementwise operation of one operand, or of several of one type. */
  map(op: UnaryOp | BinaryOp | "is_finite" | "clamp", ...inputs: Value[]): Value {
    return this.one(op, inputs, NONE);
  }
  compare(x: Value, direction: Direction, y: Value): Value {
    return this.one("compare", [x, y], { direction });
  }
  select(predicate: Value, onTrue: Value, onFalse: Value): Value {
    return this.one("select", [predicate, onTrue, onFalse], NONE);
  }
  convert(x: Value, dtype: DType): Value {
    return x.type.dtype === dtype ? x : this.one("convert", [x], { dtype });
  }
  bitcast(x: Value, dtype: DType): Value {
    return x.type.dtype === dtype ? x : this.one("bitcast_convert", [x], { dtype });
  }

  broadcastInDim(x: Value, shape: Shape, dimensions: readonly number[]): Value {
    if (sameShape(x.type.shape, shape)) return x;
    return this.one("broadcast_in_dim", [x], { shape, dimensions });
  }
  /** Stretches as Numpy does: aligned at the last axis. */
  broadcastTo(x: Value, shape: Shape): Value {
    const offset = shape.length - x.type.shape.length;
    return this.broadcastInDim(
      x,
      shape,
      range(x.type.shape.length).map((i) => i + offset),
    );
  }
  /** Puts the axes that a reduction over `dimensions` of `shape` removed back, stretched. */
  unreduce(x: Value, shape: Shape, dimensions: readonly number[]): Value {
    return this.broadcastInDim(x, shape, complement(shape.length, dimensions));
  }
  reshape(x: Value, shape: Shape): Value {
    return sameShape(x.type.shape, shape) ? x : this.one("reshape", [x], { shape });
  }
  transpose(x: Value, permutation: readonly number[]): Value {
    return permutation.every((p, i) => p === i) ? x : this.one("transpose", [x], { permutation });
  }
  reverse(x: Value, dimensions: readonly number[]): Value {
    return dimensions.length === 0 ? x : this.one("reverse", [x], { dimensions });
  }
  slice(
    x: Value,
    start: readonly number[],
    limit: readonly number[],
    strides: readonly number[] = start.map(() => 1),
  ): Value {
    const all = start.every((s, i) => s === 0 && limit[i] === x.type.shape[i] && strides[i] === 1);
    return all ? x : this.one("slice", [x], { start, limit, strides });
  }
  pad(
    x: Value,
    low: readonly number[],
    high: readonly number[],
    interior: readonly number[] = low.map(() => 0),
    value: Value = this.zeros({ shape: [], dtype: x.type.dtype }),
  ): Value {
    const none = [low, high, interior].every((list) => list.every((n) => n === 0));
    return none ? x : this.one("pad", [x, value], { low, high, interior });
  }
  concatenate(xs: readonly Value[], dimension: number): Value {
    return xs.length === 1 ? at(xs, 0) : this.one("concatenate", xs, { dimension });
  }
  reduce(x: Value, monoid: Monoid, dimensions: readonly number[]): Value {
    return dimensions.length === 0 ? x : this.one("reduce", [x], { monoid, dimensions });
  }
  dot(x: Value, y: Value, dims: DotDims): Value {
    return this.one("dot_general", [x, y], dims);
  }
  conv(x: Value, y: Value, attrs: ConvAttrs): Value {
    return this.one("convolution", [x, y], attrs);
  }
}

/** Numbers as the data of a constant; floats are kept in double precision and rounded by executors. */
export const literal = (dtype: DType, values: ArrayLike<number>): LiteralData => {
  switch (dtype) {
    case "f32":
    case "f16":
      return Float64Array.from(values);
    case "i32":
      return Int32Array.from(values);
    case "u32":
      return Uint32Array.from(values);
    case "bool":
      return Uint8Array.from(values, (v) => (v ? 1 : 0));
  }
};

/** Builds a graph from the types of its inputs and a function that emits its nodes. */
export const buildGraph = (
  types: readonly TensorType[],
  body: (b: Builder, inputs: readonly Value[]) => readonly Value[],
): Graph => {
  const b = new Builder();
  const inputs = types.map((type) => b.input(type));
  return b.finish(body(b, inputs));
};

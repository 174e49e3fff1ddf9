import * as tf from "@tensorflow/tfjs-core";
import { at, sameShape } from "../ir/shape.ts";
import type { Graph, TensorType, Value } from "../ir/types.ts";
import { TracingBackend } from "./backend.ts";
import { disposeOutside, engineState } from "./engine.ts";
import { Frame } from "./frame.ts";
import { tensorOf, tracedValue, typeOf } from "./tensors.ts";

/** A closed body that was recorded inside another one. */
export interface Nested {
  /** inputs (captures…, declared inputs…); outputs (results…, new values of assigned variables…). */
  readonly graph: Graph;
  /** What to pass for the captures: values of the frame around the body. */
  readonly captures: readonly Value[];
  /** Variables the body assigned; their new values are the last outputs. */
  readonly assigned: readonly tf.Variable[];
}

/**
 * One trace in progress: the stack of open frames, tensors with data that were captured, and
 * variables that were assigned.
 */
export class Session {
  readonly backend: TracingBackend = new TracingBackend();
  readonly #outerState = engineState();
  readonly #root = new Frame(undefined);
  #frame = this.#root;
  readonly #captured = new Map<tf.Tensor, Value>();
  readonly captures: tf.Tensor[] = [];
  /** dataIds that variables had before the trace assigned them. */
  readonly #assigned = new Map<tf.Variable, object>();

  /** The frame that is being recorded into. */
  get frame(): Frame {
    return this.#frame;
  }

  /** The value of any tensor in the current frame; a tensor with data becomes an input of the graph. */
  resolve(x: tf.Tensor): Value {
    const traced = tracedValue(x);
    if (traced !== undefined) return this.#frame.lift(traced);
    return this.#frame.lift(this.#capture(x));
  }

  #capture(x: tf.Tensor): Value {
    if (x.isDisposed) throw new Error(`trace: a disposed tensor [${x.shape}] was used`);
    // By tensor and not by dataId: reshaped tensors share data, and a variable changes its own.
    const known = this.#captured.get(x);
    if (known !== undefined) return known;
    const value = this.#root.input(typeOf(x));
    this.#captured.set(x, value);
    this.captures.push(x);
    return value;
  }

  /** The tensor that user code sees for a value of the current frame. */
  wrap(value: Value): tf.Tensor {
    return tensorOf(value, this.backend);
  }

  /** Declares an input of the current frame. */
  input(type: TensorType): tf.Tensor {
    return this.wrap(this.#frame.input(type));
  }

  /** Called for `tensor.dispose()`: traced tensors hold nothing, tensors with data are really freed. */
  dispose(x: tf.Tensor): void {
    if (tracedValue(x) !== undefined) return;
    // Variable.assign disposes the old data, then takes the dataId of the new value.
    if (x instanceof tf.Variable) this.#remember(x);
    else disposeOutside(x, this.#outerState);
  }

  #remember(variable: tf.Variable): void {
    if (!this.#assigned.has(variable)) {
      this.#capture(variable);
      this.#assigned.set(variable, variable.dataId);
    }
  }

  /**
   * Called when a variable has taken the data of another tensor. Data from outside the trace is
   * captured: the variable must get at every run what that tensor or variable then holds.
   */
  assigned(variable: tf.Tensor): void {
    if (!(variable instanceof tf.Variable) || tracedValue(variable) !== undefined) return;
    variable.dataId = this.wrap(this.#frame.lift(this.#capture(this.#source(variable)))).dataId;
  }

  /** The variable or tensor whose data a variable has taken. */
  #source({ dataId, shape, dtype }: tf.Variable): tf.Tensor {
    const before = [...this.#assigned].find(([, old]) => old === dataId);
    if (before !== undefined) return before[0];
    const known = [...Object.values(tf.engine().registeredVariables), ...this.captures];
    const holds = (x: tf.Tensor): boolean =>
      x.dataId === dataId && sameShape(x.shape, shape) && !this.#assigned.has(x as tf.Variable);
    // No tape knows this number, so that the stand-in never takes part in a gradient.
    return known.find(holds) ?? new tf.Tensor(shape, dtype, dataId, -1);
  }

  /** Records `fn` as a closed body with its own declared inputs. `fn` returns its results. */
  nested(types: readonly TensorType[], fn: (inputs: tf.Tensor[]) => readonly tf.Tensor[]): Nested {
    return this.open((frame) => {
      const results = fn(types.map((type) => this.input(type))).map((t) => this.resolve(t));
      return this.close(frame, results);
    });
  }

  /** Runs `fn` with a new innermost frame, which `close` turns into a graph. */
  open<R>(fn: (frame: Frame) => R): R {
    const outer = this.#frame;
    const frame = new Frame(outer);
    this.#frame = frame;
    try {
      return fn(frame);
    } finally {
      this.#frame = outer;
    }
  }

  /** Ends a frame: variables it assigned give their new values out as further results. */
  close(frame: Frame, results: readonly Value[]): Nested {
    const assigned = [...this.#assigned.keys()].filter((variable) => {
      const value = tracedValue(variable);
      return value !== undefined && frame.owns(value);
    });
    const news = assigned.map((variable) => tracedValue(variable) as Value);
    return { graph: frame.close([...results, ...news]), captures: frame.captures, assigned };
  }

  /** After a nested body was emitted into the current frame: variables take their new values. */
  assign(variables: readonly tf.Variable[], values: readonly Value[]): void {
    variables.forEach((variable, i) => {
      variable.dataId = this.wrap(at(values, i)).dataId;
    });
  }

  /** The whole graph with inputs (captures…, declared inputs…), and the variables it assigns. */
  finish(
    declared: readonly Value[],
    results: readonly Value[],
  ): Graph & {
    readonly assigned: readonly tf.Variable[];
  } {
    const { graph, assigned } = this.close(this.#root, results);
    const isDeclared = new Set(declared);
    const captured = graph.inputs.filter((v) => !isDeclared.has(v));
    return { ...graph, inputs: [...captured, ...declared], assigned };
  }

  /** Gives assigned variables their data back; the executor assigns them after each run. */
  restore(): void {
    for (const [variable, dataId] of this.#assigned) variable.dataId = dataId;
  }
}

let current: Session | undefined;

/** The trace in progress, if there is one. */
export const currentSession = (): Session | undefined => current;

/** Runs `fn` as the trace in progress. */
export function withSession<R>(session: Session, fn: () => R): R {
  const before = current;
  current = session;
  try {
    return fn();
  } finally {
    current = before;
    session.restore();
  }
}

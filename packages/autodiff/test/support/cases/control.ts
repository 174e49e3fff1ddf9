import { buildGraph } from "../../../src/ir/builder.ts";
import type { ControlOp, Derivative, Graph, Shape, TensorType } from "../../../src/ir/types.ts";
import { exactly, integers, uniform } from "../random.ts";
import { type Cases, example, f32, i32, KINK } from "./case.ts";

type Control = ControlOp;

const float = (shape: Shape): TensorType => ({ shape, dtype: "f32" });
const INT: TensorType = { shape: [], dtype: "i32" };
const PAIR = float([2]);

// (x, y) → (sin x · y, x)
const body = buildGraph([PAIR, PAIR], (b, [x, y]) => [b.mul(b.map("sine", x!), y!), x!]);

const inline: Derivative = { kind: "inline" };

const customJvp: Derivative = {
  kind: "custom_jvp",
  jvp: buildGraph([PAIR, PAIR, PAIR, PAIR], (b, [x, y, dx, dy]) => {
    const sine = b.map("sine", x!);
    const slope = b.mul(b.map("cosine", x!), y!);
    return [b.mul(sine, y!), x!, b.add(b.mul(slope, dx!), b.mul(sine, dy!)), dx!];
  }),
};

const customVjp: Derivative = {
  kind: "custom_vjp",
  fwd: buildGraph([PAIR, PAIR], (b, [x, y]) => {
    const sine = b.map("sine", x!);
    return [b.mul(sine, y!), x!, sine, b.mul(b.map("cosine", x!), y!)];
  }),
  bwd: buildGraph([PAIR, PAIR, PAIR, PAIR], (b, [sine, slope, c0, c1]) => [
    b.add(b.mul(slope!, c0!), c1!),
    b.mul(sine!, c0!),
  ]),
};

// A step function that is differentiated as the identity ("straight through").
const floorBody = buildGraph([PAIR], (b, [x]) => [b.map("floor", x!)]);
const straightThrough: Derivative = {
  kind: "custom_vjp",
  fwd: floorBody,
  bwd: buildGraph([PAIR], (_, [c]) => [c!]),
};

const nested = buildGraph([PAIR, PAIR], (b, [x, y]) => {
  const [u, v] = b.emit("call", [x!, y!], { body, derivative: customVjp });
  return b.emit("call", [b.map("tanh", u!), v!], { body, derivative: { kind: "checkpoint" } });
});

const mixed = buildGraph([INT, PAIR], (b, [n, x]) => {
  const factor = b.broadcastTo(b.convert(n!, "f32"), [2]);
  return [b.mul(factor, x!), b.shift(n!, 1)];
});

const PAIRS = [f32([2]), f32([2])];

// W·t for a residual W.
const matrixTransposed = buildGraph([float([3, 2]), float([3])], (b, [w, c]) => [
  b.dot(w!, c!, { lhsBatch: [], rhsBatch: [], lhsContracting: [0], rhsContracting: [0] }),
]);

// (r, t) → (r · t, t backwards)
const twoTransposed = buildGraph([PAIR, PAIR, PAIR], (b, [r, c0, c1]) => [
  b.add(b.mul(r!, c0!), b.reverse(c1!, [0])),
]);

// (t, u) → t + 3 u, without residuals
const sumTransposed = buildGraph([PAIR], (b, [c]) => [c!, b.scale(c!, 3)]);

// h ← tanh(w h + x), which is also given out.
const recurrence = buildGraph([PAIR, PAIR, PAIR], (b, [w, h, x]) => {
  const next = b.map("tanh", b.add(b.mul(w!, h!), x!));
  return [next, next];
});
const iterate = buildGraph([float([]), PAIR], (b, [w, h]) => [
  b.map("sine", b.mul(b.broadcastTo(w!, [2]), h!)),
]);
const mapRows = buildGraph([PAIR, PAIR], (b, [w, x]) => [b.mul(b.mul(w!, x!), x!)]);
const counting = buildGraph([INT, PAIR, PAIR], (b, [i, p, x]) => {
  const product = b.mul(p!, x!);
  return [b.shift(i!, 1), product, i!, b.add(product, x!)];
});
const scan = (
  graph: Graph,
  length: number,
  numConsts: number,
  numCarry: number,
  reverse = false,
) => ({
  body: graph,
  length,
  numConsts,
  numCarry,
  reverse,
});
const rows = buildGraph([float([]), float([3, 2])], (b, [s, xs]) => {
  const inner = buildGraph([float([]), PAIR], (c, [sum, x]) => {
    const more = c.add(sum!, c.reduce(c.map("sine", x!), "add", [0]));
    return [more, c.mul(c.broadcastTo(more, [2]), x!)];
  });
  return b.emit("scan", [s!, xs!], scan(inner, 3, 0, 1));
});

// (limit | factor | i, x): x ← sin(factor x) until i reaches the limit.
const loop = {
  condition: buildGraph([INT, INT, PAIR], (b, [n, i]) => [b.compare(i!, "LT", n!)]),
  body: buildGraph([PAIR, INT, PAIR], (b, [factor, i, x]) => [
    b.shift(i!, 1),
    b.map("sine", b.mul(factor!, x!)),
  ]),
  numConditionConsts: 1,
  numBodyConsts: 1,
};
const doubling = {
  condition: buildGraph([float([])], (b, [x]) => [b.compare(x!, "LT", b.fill(float([]), 100))]),
  body: buildGraph([float([])], (b, [x]) => [b.mul(x!, x!)]),
  numConditionConsts: 0,
  numBodyConsts: 0,
};
const euclid = {
  condition: buildGraph([INT, INT], (b, [, y]) => [b.compare(y!, "NE", b.zeros(INT))]),
  body: buildGraph([INT, INT], (b, [x, y]) => [y!, b.map("remainder", x!, y!)]),
  numConditionConsts: 0,
  numBodyConsts: 0,
};

const FORWARD = { gradient: "forward" } as const;

/** Cases of operations that run other graphs. */
export const controlCases: Cases<Control> = {
  call: [
    example("inline", { body, derivative: inline }, PAIRS),
    example("checkpoint", { body, derivative: { kind: "checkpoint" } as Derivative }, PAIRS),
    example("custom jvp", { body, derivative: customJvp }, PAIRS),
    example("custom vjp", { body, derivative: customVjp }, PAIRS),
    example("calls within a call", { body: nested, derivative: inline }, PAIRS),
    example(
      "calls within a checkpoint",
      { body: nested, derivative: { kind: "checkpoint" } as Derivative },
      PAIRS,
    ),
    example("integers", { body: mixed, derivative: inline }, [i32([]), f32([2])]),
    example("straight through", { body: floorBody, derivative: straightThrough }, [f32([2])], KINK),
  ],
  linear_call: [
    example("matrix", { numResiduals: 1, transposed: matrixTransposed }, [f32([3, 2]), f32([2])]),
    example("two results", { numResiduals: 1, transposed: twoTransposed }, PAIRS),
    example("no residuals", { numResiduals: 0, transposed: sumTransposed }, PAIRS),
  ],
  scan: [
    example("recurrence", scan(recurrence, 4, 1, 1), [f32([2]), f32([2]), f32([4, 2])]),
    example("backwards", scan(recurrence, 3, 1, 1, true), [f32([2]), f32([2]), f32([3, 2])]),
    example("one step", scan(recurrence, 1, 1, 1), [f32([2]), f32([2]), f32([1, 2])]),
    example("no steps", scan(recurrence, 0, 1, 1), [f32([2]), f32([2]), f32([0, 2])]),
    example("carry only", scan(iterate, 5, 1, 1), [f32([], uniform(0.8, 1.6)), f32([2])]),
    example("rows only", scan(mapRows, 3, 1, 0), [f32([2]), f32([3, 2])]),
    example("rows only, backwards", scan(mapRows, 3, 1, 0, true), [f32([2]), f32([3, 2])]),
    example("integer carry", scan(counting, 3, 0, 2), [i32([], exactly(5)), f32([2]), f32([3, 2])]),
    example("scan within a scan", scan(rows, 2, 0, 1), [f32([]), f32([2, 3, 2])]),
  ],
  while: [
    example(
      "counted",
      loop,
      [i32([], exactly(4)), f32([2]), i32([], exactly(0)), f32([2])],
      FORWARD,
    ),
    example(
      "no step",
      loop,
      [i32([], exactly(0)), f32([2]), i32([], exactly(3)), f32([2])],
      FORWARD,
    ),
    example("until a value is reached", doubling, [f32([], exactly(1.5))], FORWARD),
    example("integers", euclid, [i32([], exactly(84)), i32([], integers(1, 60))]),
  ],
};

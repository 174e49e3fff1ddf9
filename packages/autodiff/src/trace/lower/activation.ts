import { type Builder, buildGraph } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import type { Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family } from "./lowering.ts";
import { alignPair, float } from "./operands.ts";
import { keepingType, throughFloat, toFloat } from "./unary.ts";

/** Kernels of activation functions and of their derivatives. */
export type ActivationKernel =
  | "Elu"
  | "EluGrad"
  | "LeakyRelu"
  | "Prelu"
  | "Relu"
  | "Relu6"
  | "Selu"
  | "Softplus";

// The fixed point of Klambauer et al., "Self-Normalizing Neural Networks" (2017), as tfjs has it.
const SELU_ALPHA = 1.7580993408473768;
const SELU_SCALE = 1.0507009873554805;

const relu = (b: Builder, x: Value): Value => {
  const zero = b.zeros(x.type);
  return b.select(b.compare(x, "LE", zero), zero, x);
};

// The derivative at 6 is 1, as in tfjs.
const relu6 = (b: Builder, x: Value): Value => {
  const six = b.fill(x.type, 6);
  return b.select(b.compare(x, "GT", six), six, relu(b, x));
};

/**
 * expm1(x) for x that is not `positive`. The other elements are set to 0 first: their exponential
 * can overflow, and the gradient 0 · ∞ of an element that was not chosen would be NaN.
 */
const negativeExpm1 = (b: Builder, x: Value, positive: Value): Value =>
  b.map("exponential_minus_one", b.select(positive, b.zeros(x.type), x));

const elu = (b: Builder, x: Value): Value => {
  const positive = b.compare(x, "GE", b.zeros(x.type));
  return b.select(positive, x, negativeExpm1(b, x, positive));
};

const selu = (b: Builder, x: Value): Value => {
  const positive = b.compare(x, "GT", b.zeros(x.type));
  const negative = b.scale(negativeExpm1(b, x, positive), SELU_ALPHA);
  return b.select(positive, b.scale(x, SELU_SCALE), negative);
};

const prelu = (b: Builder, x: Value, slope: Value): Value => {
  const [y, alpha] = alignPair(b, x, slope);
  return b.select(b.compare(y, "GT", b.zeros(y.type)), y, b.mul(alpha, y));
};

const leakyRelu = (b: Builder, x: Value, alpha: number): Value =>
  b.select(b.compare(x, "GT", b.zeros(x.type)), x, b.scale(x, alpha));

// log(1 + exp(x)) without overflow.
const stableSoftplus = (b: Builder, x: Value): Value => {
  const tail = b.map("log_plus_one", b.map("exponential", b.neg(b.map("abs", x))));
  return b.add(b.map("maximum", x, b.zeros(x.type)), tail);
};

// With its derivative given: that of the formula above has |x|'s kink at 0, where softplus has none.
const softplus = (b: Builder, x: Value): Value => {
  const body = buildGraph([x.type], (g, [y]) => (y === undefined ? [] : [stableSoftplus(g, y)]));
  const jvp = buildGraph([x.type, x.type], (g, [y, tangent]) =>
    y === undefined || tangent === undefined
      ? []
      : [stableSoftplus(g, y), g.mul(g.map("logistic", y), tangent)],
  );
  return at(b.emit("call", [x], { body, derivative: { kind: "custom_jvp", jvp } }), 0);
};

/** Emits the activation function that a fused kernel names in its attributes. */
export const applyActivation = (call: KernelCall, x: Value, slopes?: Value): Value => {
  const { b } = call;
  const name = call.choice(
    "activation",
    "linear",
    "relu",
    "relu6",
    "elu",
    "sigmoid",
    "prelu",
    "leakyrelu",
  );
  switch (name) {
    case "linear":
      return x;
    case "relu":
      return relu(b, x);
    case "relu6":
      return relu6(b, x);
    case "elu":
      return elu(b, x);
    case "sigmoid":
      return b.map("logistic", x);
    case "prelu":
      return prelu(b, x, slopes ?? call.input("preluActivationWeights"));
    case "leakyrelu":
      return leakyRelu(b, x, call.number("leakyreluAlpha", 0.2));
  }
};

/** Lowerings of activation functions. */
export const activation: Family<ActivationKernel> = {
  Elu: throughFloat(elu),
  EluGrad: (call) => {
    const { b } = call;
    const [dy, y] = [float(b, call.input("dy")), float(b, call.input("y"))];
    return b.select(b.compare(y, "GE", b.zeros(y.type)), dy, b.mul(dy, b.shift(y, 1)));
  },
  LeakyRelu: (call) => {
    const alpha = call.number("alpha", 0.2);
    return toFloat((b, x) => leakyRelu(b, x, alpha))(call);
  },
  Prelu: (call) =>
    prelu(call.b, float(call.b, call.input("x")), float(call.b, call.input("alpha"))),
  Relu: keepingType(relu),
  Relu6: keepingType(relu6),
  Selu: throughFloat(selu),
  Softplus: throughFloat(softplus),
};

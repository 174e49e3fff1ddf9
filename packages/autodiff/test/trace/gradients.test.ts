import "@tensorflow/tfjs-layers"; // registers the gradients of tfjs's own tape
import { compile, grad, trace } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { engineSnapshot, onCpu, SCALAR, withVariable } from "./support.ts";

onCpu();

const numbers = (x: tf.Tensor): number[] => Array.from(x.dataSync());

/** What a function gives when it is traced and run. */
const run = (fn: (...x: tf.Tensor[]) => tf.Tensor, ...args: tf.Tensor[]): number[] => {
  const f = compile(fn);
  const y = f(...args);
  f.dispose();
  return numbers(y);
};

const cube = (x: tf.Tensor) => tf.mul(x, tf.square(x));
const fifth = (x: tf.Tensor) => tf.mul(tf.square(x), cube(x));

describe("tfjs's gradient functions in a trace, against closed forms", () => {
  test("tf.grad to depth three: 5x⁴, 20x³, 60x²", () => {
    const x = tf.scalar(2);
    expect(run(tf.grad(fifth), x)).toEqual([80]);
    expect(run(tf.grad(tf.grad(fifth)), x)).toEqual([160]);
    expect(run(tf.grad(tf.grad(tf.grad(fifth))), x)).toEqual([240]);
  });

  test("mixed with grad of this package in any order", () => {
    const x = tf.scalar(2);
    expect(run((v) => tf.grad((u) => grad(fifth)(u))(v), x)).toEqual([160]);
    expect(run((v) => grad((u: tf.Tensor) => tf.grad(fifth)(u))(v), x)).toEqual([160]);
    expect(run((v) => tf.grad((u) => grad((t: tf.Tensor) => tf.grad(fifth)(t))(u))(v), x)).toEqual([
      240,
    ]);
  });

  test("tf.grads to depth two, with closures over outer arguments", () => {
    // f = x² y³: ∂x∂y = 6 x y²
    const f = (x: tf.Tensor, y: tf.Tensor) => tf.mul(tf.square(x), cube(y));
    const both = (x: tf.Tensor, y: tf.Tensor) => tf.stack(tf.grads(f)([x, y]));
    const [x, y] = [tf.scalar(3), tf.scalar(2)];
    expect(run(both, x, y)).toEqual([48, 108]);
    const mixed = (a: tf.Tensor, b: tf.Tensor) => tf.grad((v) => tf.grad((u) => f(u, v))(a))(b);
    expect(run(mixed, x, y)).toEqual([72]);
  });

  test("perturbations of different levels are not confused", () => {
    // d/dx [ x · d/dy (x + y) ] = 1
    const f = (x: tf.Tensor) => tf.mul(x, tf.grad((y) => tf.add(x, y))(tf.scalar(1)));
    expect(run(tf.grad(f), tf.scalar(5))).toEqual([1]);
  });

  test("tf.valueAndGrad, tf.valueAndGrads and a given dy", () => {
    const x = tf.tensor1d([1, 2]);
    const weighted = (v: tf.Tensor) => {
      const { value, grad: g } = tf.valueAndGrad((u) => tf.square(u))(v, tf.tensor1d([1, 10]));
      return tf.concat([value, g]);
    };
    expect(run(weighted, x)).toEqual([1, 4, 2, 40]);
    const f = (v: tf.Tensor, w: tf.Tensor) => {
      const { value, grads } = tf.valueAndGrads((a, b) => tf.sum(tf.mul(a, b)))([v, w]);
      return tf.concat([tf.reshape(value, [1]), ...grads]);
    };
    expect(run(f, x, tf.tensor1d([3, 5]))).toEqual([13, 3, 5, 1, 2]);
  });

  test("tf.variableGrads, nested: the gradient of a gradient's length", () => {
    withVariable(3, (v) => {
      const names = (o: Record<string, tf.Tensor>) => o[v.name] as tf.Tensor;
      const f = compile((x: tf.Tensor) => {
        const { value, grads } = tf.variableGrads(
          () => tf.mul(cube(v), x) as tf.Scalar,
          [v as tf.Variable],
        );
        return [value, names(grads)];
      });
      expect(f(tf.scalar(2)).map(numbers)).toEqual([[54], [54]]);
      // d/dv (3 x v²)² = 36 x² v³
      const second = compile((x: tf.Tensor) => {
        const inner = () =>
          tf.square(names(tf.variableGrads(() => tf.mul(cube(v), x) as tf.Scalar).grads));
        return names(tf.variableGrads(inner as () => tf.Scalar).grads);
      });
      expect(numbers(second(tf.scalar(1)))).toEqual([36 * 27]);
      f.dispose();
      second.dispose();
    });
  });

  test("values kept from inside a differentiated function can be used after it, at any depth", () => {
    const f = (x: tf.Tensor) => {
      let kept: tf.Tensor[] = [];
      const inner = (v: tf.Tensor) => {
        const y = tf.square(v);
        kept = [y, x, tf.sin(v)];
        return tf.mul(y, v);
      };
      const g = tf.grad((u) => {
        const first = tf.grad(inner)(u);
        kept.push(tf.mul(first, 2));
        return first;
      })(x);
      return tf.stack([g, ...kept]);
    };
    // x = 3: 6x, x², x, sin x, 2 · 3x²
    const got = run(f, tf.scalar(3));
    expect(got.slice(0, 3)).toEqual([18, 9, 3]);
    expect(got[3]).toBeCloseTo(Math.sin(3), 6);
    expect(got[4]).toBe(54);
    // They are differentiable as well: d/dx [3x² + x²]
    const again = (x: tf.Tensor) => {
      let kept = x;
      const g = tf.grad((v) => {
        kept = tf.square(v);
        return tf.mul(kept, v);
      })(x);
      return tf.add(g, kept);
    };
    expect(run(tf.grad(again), tf.scalar(3))).toEqual([24]);
  });

  test("an optimizer's minimize", () => {
    withVariable([1, 2], (v) => {
      const sgd = tf.train.sgd(0.5);
      const step = compile((x: tf.Tensor) =>
        sgd.minimize(() => tf.sum(tf.square(tf.sub(v, x))) as tf.Scalar, true),
      );
      expect(numbers(step(tf.tensor1d([0, 4])) as tf.Tensor)).toEqual([5]);
      expect(numbers(v)).toEqual([0, 4]);
      step.dispose();
    });
  });

  test("second derivatives of functions whose gradient uses their result", () => {
    const sum = (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) => tf.sum(f(x));
    const twice = (f: (x: tf.Tensor) => tf.Tensor) => tf.grad(sum(tf.grad(sum(f))));
    const x = 0.3;
    const t = Math.tanh(x);
    const s = 1 / (1 + Math.exp(-x));
    // Single precision: a few roundings of numbers below 2.
    expect(run(twice(tf.exp), tf.scalar(x))[0]).toBeCloseTo(Math.exp(x), 6);
    expect(run(twice(tf.tanh), tf.scalar(x))[0]).toBeCloseTo(-2 * t * (1 - t * t), 6);
    expect(run(twice(tf.sigmoid), tf.scalar(x))[0]).toBeCloseTo(s * (1 - s) * (1 - 2 * s), 6);
    expect(run(twice(tf.relu), tf.scalar(x))[0]).toBe(0);
  });
});

describe("what tfjs refuses is refused in a trace too", () => {
  test("results that do not depend on the argument", () => {
    const message = "does not depend on";
    expect(() => trace((x: tf.Tensor) => tf.grad(() => tf.scalar(1))(x), [SCALAR])).toThrow(
      message,
    );
    expect(() => tf.tidy(() => tf.grad(() => tf.scalar(1))(tf.scalar(1)))).toThrow();
  });
  test("one of several that is not used", () => {
    const f = (x: tf.Tensor, y: tf.Tensor) => tf.grads((a) => tf.square(a))([x, y])[0] as tf.Tensor;
    expect(() => trace(f, [SCALAR, SCALAR])).toThrow("Cannot compute gradient of y=f(x)");
    expect(() => f(tf.scalar(1), tf.scalar(2))).toThrow("Cannot compute gradient of y=f(x)");
  });
});

describe("tf.customGrad in a trace", () => {
  // Value x², gradient 7 x dy from the saved x.
  const saved = tf.customGrad((...given) => {
    const [x, save] = given as [tf.Tensor, tf.GradSaveFunc];
    save([x]);
    return { value: tf.square(x), gradFunc: (dy, [s]) => tf.mul(tf.mul(7, s as tf.Tensor), dy) };
  });

  test("uses its own rule under tf.grad and grad, as eager tfjs does", () => {
    const x = tf.scalar(3);
    expect(run((v) => saved(v), x)).toEqual([9]);
    expect(
      run(
        tf.grad((v) => saved(v)),
        x,
      ),
    ).toEqual([21]);
    expect(
      run(
        grad((v: tf.Tensor) => saved(v)),
        x,
      ),
    ).toEqual([21]);
    expect(numbers(tf.grad((v) => saved(v))(x))).toEqual([21]);
  });

  test("second order differentiates the rule", () => {
    expect(run(tf.grad(tf.grad((v) => saved(v))), tf.scalar(3))).toEqual([7]);
    expect(
      run(
        grad((v: tf.Tensor) => tf.grad((u) => saved(u))(v)),
        tf.scalar(3),
      ),
    ).toEqual([7]);
  });

  test("saves results and intermediate values", () => {
    const exp = tf.customGrad((...given) => {
      const [x, save] = given as [tf.Tensor, tf.GradSaveFunc];
      const y = tf.exp(x);
      save([y, tf.mul(y, 2)]);
      return { value: y, gradFunc: (dy, [e, twice]) => tf.mul(dy, tf.add(e!, twice!)) };
    });
    const [g] = run(
      tf.grad((v) => exp(v)),
      tf.scalar(0.5),
    );
    expect(g).toBeCloseTo(3 * Math.exp(0.5), 5);
    const [second] = run(tf.grad(tf.grad((v) => exp(v))), tf.scalar(0.5));
    // The rule is 3 y dy with y = eˣ from the forward pass, which is differentiated as it stands.
    expect(second).toBeCloseTo(3 * Math.exp(0.5), 5);
  });

  test("closes over tensors of the trace and from outside, which get no gradient by it", () => {
    const outside = tf.scalar(10);
    const f = (x: tf.Tensor, y: tf.Tensor) => {
      const inner = tf.mul(y, 2);
      const op = tf.customGrad((...given) => ({
        value: tf.mul(given[0] as tf.Tensor, inner),
        gradFunc: (dy) => tf.mul(dy, tf.add(inner, outside)),
      }));
      return tf.add(op(x), y);
    };
    const both = (x: tf.Tensor, y: tf.Tensor) => tf.stack(tf.grads(f)([x, y]));
    const args = [tf.scalar(3), tf.scalar(5)] as const;
    expect(run(both, ...args)).toEqual([20, 1]);
  });

  test("several arguments", () => {
    const product = tf.customGrad((...given) => {
      const [a, b, save] = given as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
      save([a, b]);
      return {
        value: tf.mul(a, b),
        gradFunc: (dy, [s, t]) => [tf.mul(dy, tf.mul(t!, 2)), tf.mul(dy, tf.mul(s!, 3))],
      };
    });
    const f = (x: tf.Tensor, y: tf.Tensor) => tf.stack(tf.grads((a, b) => product(a, b))([x, y]));
    expect(run(f, tf.scalar(5), tf.scalar(7))).toEqual([14, 15]);
  });

  test("a straight-through estimator around a step", () => {
    const ste = tf.customGrad((...given) => ({
      value: tf.step(given[0] as tf.Tensor),
      gradFunc: (dy) => dy,
    }));
    expect(
      run(
        grad((x: tf.Tensor) => tf.sum(tf.mul(ste(x), x))),
        tf.tensor1d([-1, 2]),
      ),
    ).toEqual([-1, 3]);
  });

  test("a gradient of the wrong shape is named", () => {
    const wrong = tf.customGrad((...given) => ({
      value: given[0] as tf.Tensor,
      gradFunc: () => tf.zeros([3]),
    }));
    const before = engineSnapshot();
    expect(() => trace((x: tf.Tensor) => tf.grad((v) => wrong(v))(x), [SCALAR])).toThrow(
      "customGrad: expected gradients like (f32[]), got (f32[3])",
    );
    expect(engineSnapshot()).toEqual(before);
  });
});

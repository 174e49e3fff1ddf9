import { readFile } from "node:fs/promises";
import {
  type Array as Arr,
  defaultDevice,
  init,
  jit,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import type { Values } from "../fixtures.ts";
import type { Workload } from "../workloads.ts";
import type { Contestant } from "./contestant.ts";

// In jax-js a function uses up its arguments; `.ref` keeps one for a further use.

interface State {
  readonly mu: Arr[];
  readonly nu: Arr[];
  /** b1ᵗ and b2ᵗ, so that the bias correction stays inside the compiled step. */
  readonly powers: Arr[];
}

type Carry = { readonly params: Arr[] } & State;

const toArray = ({ data, shape }: Values): Arr =>
  np.array(data.slice() as never, { shape: [...shape] });

// By rows: one sum of 10⁶ terms, one after the other in 32 bits, would be off by 3·10⁻⁴.
const meanSquare = (error: Arr): Arr => np.square(error).mean(1).mean();

const forward = ({ kind }: Workload, params: Arr[], x: Arr): Arr => {
  const [w0, b0, b1] = params as [Arr, Arr, Arr];
  if (kind === "tied") {
    const h = nn.sigmoid(np.matmul(x, w0.ref).add(b0));
    return np.matmul(h, w0.transpose()).add(b1);
  }
  let h = x;
  for (let i = 0; i < params.length; i += 2) {
    h = np.matmul(h, params[i] as Arr).add(params[i + 1] as Arr);
    if (kind === "autoencoder" || i + 2 < params.length) h = nn.sigmoid(h);
  }
  return h;
};

const lossOf =
  (workload: Workload) =>
  (params: Arr[], x: Arr, y: Arr): Arr => {
    const output = forward(workload, params, x);
    if (workload.kind === "autoencoder") return meanSquare(output.sub(y));
    const terms =
      workload.kind === "mlp"
        ? nn.logSoftmax(output).mul(y).mul(-1)
        : nn.softplus(output.ref).sub(y.mul(output));
    return terms.sum().div(workload.batch);
  };

const contrastiveDivergence =
  ({ batch, optimizer: { learningRate } }: Workload) =>
  ({ params, ...rest }: Carry, x: Arr, noise: Arr): [Carry, Arr] => {
    const [w, hidden, visible] = params as [Arr, Arr, Arr];
    const up = (v: Arr): Arr => nn.sigmoid(np.matmul(v, w.ref).add(hidden.ref));
    const outer = (v: Arr, h: Arr): Arr => np.matmul(v.transpose(), h);
    const h = up(x.ref);
    const sample = noise.less(h.ref).astype(np.float32);
    const again = nn.sigmoid(np.matmul(sample, w.ref.transpose()).add(visible.ref));
    const hAgain = up(again.ref);
    const rate = learningRate / batch;
    const correlation = outer(x.ref, h.ref).sub(outer(again.ref, hAgain.ref));
    const error = x.sub(again);
    const next = [
      w.add(correlation.mul(rate)),
      hidden.add(h.sub(hAgain).sum(0).mul(rate)),
      visible.add(error.ref.sum(0).mul(rate)),
    ];
    return [{ params: next, ...rest }, meanSquare(error)];
  };

const stepOf = (workload: Workload) => {
  if (workload.kind === "rbm") return contrastiveDivergence(workload);
  const { optimizer } = workload;
  const loss = lossOf(workload);
  const gradient = (params: Arr[], x: Arr, y: Arr): [Arr, Arr[]] =>
    valueAndGrad(loss)(tree.ref(params), x, y) as [Arr, Arr[]];
  return ({ params, mu, nu, powers }: Carry, x: Arr, y: Arr): [Carry, Arr] => {
    const [value, grads] = gradient(params, x, y);
    if (optimizer.kind === "sgd") {
      const next = params.map((p, i) => p.sub((grads[i] as Arr).mul(optimizer.learningRate)));
      return [{ params: next, mu, nu, powers }, value];
    }
    const { b1, b2, eps, learningRate } = optimizer;
    const [p1, p2] = [(powers[0] as Arr).mul(b1), (powers[1] as Arr).mul(b2)];
    const next = params.map((p, i) => {
      const g = grads[i] as Arr;
      const m = (mu[i] as Arr).mul(b1).add(g.ref.mul(1 - b1));
      const v = (nu[i] as Arr).mul(b2).add(np.square(g).mul(1 - b2));
      const scaled = m.ref.div(np.array(1).sub(p1.ref));
      const root = np.sqrt(v.ref.div(np.array(1).sub(p2.ref)));
      return { p: p.sub(scaled.div(root.add(eps)).mul(learningRate)), m, v };
    });
    const carry = {
      params: next.map(({ p }) => p),
      mu: next.map(({ m }) => m),
      nu: next.map(({ v }) => v),
      powers: [p1, p2],
    };
    return [carry, value];
  };
};

/** `jit` of `@jax-js/jax` on its wasm device. */
export const contestant = async (): Promise<Contestant> => {
  const devices = await init("wasm");
  if (!devices.includes("wasm")) throw new Error("jax-js: no wasm device");
  defaultDevice("wasm");
  const manifest = new URL("../package.json", import.meta.resolve("@jax-js/jax"));
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
  return {
    versions: { "@jax-js/jax": version },
    start: async ({ workload, params, x, y }) => {
      if (workload.fit !== undefined) throw new Error("has no model.fit");
      if (workload.kind === "conv") throw new Error("the benchmark has no convolutions for it");
      const step = jit(stepOf(workload) as never) as unknown as ReturnType<typeof stepOf>;
      const zeros = (): Arr[] => params.map(({ shape }) => np.zeros([...shape]));
      const isAdam = workload.optimizer.kind === "adam";
      let carry: Carry = {
        params: params.map(toArray),
        mu: isAdam ? zeros() : [],
        nu: isAdam ? zeros() : [],
        powers: isAdam ? [np.array(1), np.array(1)] : [],
      };
      const batches = x.map((values, i) => ({ x: toArray(values), y: toArray(y[i] ?? values) }));
      return {
        step: async (index) => {
          const batch = batches[index] as { x: Arr; y: Arr };
          const [next, loss] = step(carry, batch.x.ref, batch.y.ref);
          carry = next;
          return (await loss.data())[0] as number;
        },
      };
    },
  };
};

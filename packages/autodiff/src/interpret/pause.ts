import type { TensorInfo } from "@tensorflow/tfjs-core";
import { execute, executeAsync, type Program } from "./program.ts";
import type { Elements, Target } from "./target.ts";

/** A point where a step waits for something that may come now or later. */
export interface Pause {
  readonly now: () => unknown;
  readonly later: () => Promise<unknown>;
}

/** A step written once for synchronous and asynchronous runs: it yields where it must wait. */
export type Stepwise<T> = Generator<Pause, T, never>;

/** Runs to the end without waiting. */
export const driveNow = <T>(steps: Stepwise<T>): T => {
  let next = steps.next();
  while (next.done !== true) {
    let value: unknown;
    try {
      value = next.value.now();
    } catch (error) {
      // Handed in, so that the steps can free what they hold.
      next = steps.throw(error);
      continue;
    }
    next = steps.next(value as never);
  }
  return next.value;
};

/** Runs to the end, waiting at every pause. */
export const driveLater = async <T>(steps: Stepwise<T>): Promise<T> => {
  let next = steps.next();
  while (next.done !== true) {
    let value: unknown;
    try {
      value = await next.value.later();
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(value as never);
  }
  return next.value;
};

/** The elements of tensors. */
export function* reading(target: Target, infos: readonly TensorInfo[]): Stepwise<Elements[]> {
  const { backend, name, readsSync } = target;
  return yield {
    now: () => {
      if (!readsSync) {
        throw new Error(
          `this step needs a value on the host, and the backend "${name}" cannot be read ` +
            "synchronously; use the asynchronous call",
        );
      }
      return infos.map((info) => backend.readSync(info.dataId));
    },
    later: () => Promise.all(infos.map((info) => backend.read(info.dataId))),
  };
}

/** The results of a program. */
export function* running(
  target: Target,
  program: Program,
  inputs: readonly TensorInfo[],
): Stepwise<TensorInfo[]> {
  const { backend } = target;
  return yield {
    now: () => execute(backend, program, inputs),
    later: () => executeAsync(backend, program, inputs),
  };
}

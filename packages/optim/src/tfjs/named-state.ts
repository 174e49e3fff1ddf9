import {
  type TreeDef,
  treeFlatten,
  treeFlattenLike,
  treeMismatch,
  treePaths,
  treeUnflatten,
} from "@layerwise/autodiff";
import { clone, dispose, keep, type Tensor } from "@tensorflow/tfjs-core";
import { StateMismatchError } from "../state/state-mismatch-error.ts";

/** The state for one set of variables: its structure, and the paths of its tensors. */
interface Layout {
  readonly treedef: TreeDef;
  readonly paths: readonly string[];
}

/**
 * The tensors of a state by path, for steps that need not be about the same variables.
 *
 * A step takes the tensors that the state of its own variables has. Those of other variables stay as
 * they are, and what all variables share (a count) goes on. Tensors are kept until they are replaced.
 */
export class NamedState {
  readonly #tensors = new Map<string, Tensor>();
  readonly #layouts = new Map<string, Layout>();
  #loaded = false;

  /** The tensors with their paths, still owned here. */
  get entries(): [string, Tensor][] {
    return [...this.#tensors];
  }

  /** The state for a set of variables; `init` makes what is not known yet. */
  get(variables: string, init: () => unknown): unknown {
    let layout = this.#layouts.get(variables);
    if (layout === undefined) {
      layout = this.#meet(init());
      this.#layouts.set(variables, layout);
    }
    return treeUnflatten(
      layout.treedef,
      layout.paths.map((path) => this.#tensors.get(path)),
    );
  }

  /** Takes over the state after a step. */
  set(variables: string, state: unknown): void {
    const layout = this.#layouts.get(variables) as Layout;
    const leaves = treeFlattenLike<unknown, Tensor>(layout.treedef, state);
    if (leaves === undefined) {
      throw new Error(`asTfOptimizer: the state changed: ${treeMismatch(layout.treedef, state)}`);
    }
    layout.paths.forEach((path, i) => {
      this.#put(path, leaves[i] as Tensor);
    });
  }

  /** Replaces everything by copies of the given tensors. */
  load(entries: readonly (readonly [string, Tensor])[]): void {
    // Before anything is disposed: the tensors may be those of this very state.
    const copies = entries.map(([path, tensor]) => [path, keep(clone(tensor))] as const);
    this.clear();
    for (const [path, copy] of copies) this.#put(path, copy);
    this.#loaded = true;
  }

  /** Disposes everything. */
  clear(): void {
    dispose([...this.#tensors.values()]);
    this.#tensors.clear();
    this.#layouts.clear();
    this.#loaded = false;
  }

  #put(path: string, tensor: Tensor): void {
    this.#tensors.get(path)?.dispose();
    this.#tensors.set(path, keep(tensor));
  }

  /** Keeps what a state has at new paths; what it has at known ones must look like that. */
  #meet(fresh: unknown): Layout {
    const { leaves, treedef } = treeFlatten<unknown, Tensor>(fresh);
    const paths = treePaths(fresh);
    if (new Set(paths).size < paths.length) {
      throw new Error(`asTfOptimizer: two tensors have one path in ${paths.join(", ")}`);
    }
    const missing = paths.filter((path) => !this.#tensors.has(path));
    const misshaped = new Map<string, string>();
    leaves.forEach((leaf, i) => {
      const path = paths[i] ?? "";
      const known = this.#tensors.get(path);
      if (known !== undefined && signature(known) !== signature(leaf)) {
        misshaped.set(path, `${signature(leaf)} expected, ${signature(known)} known`);
      }
    });
    // A variable may be new, but not one whose state was to be loaded under another name.
    if (misshaped.size > 0 || (this.#loaded && missing.length > 0)) {
      const others = [...this.#tensors.keys()].filter((path) => !paths.includes(path));
      const [lost, spare] = this.#loaded ? [missing, others] : [[], []];
      throw new StateMismatchError("asTfOptimizer", lost, spare, misshaped);
    }
    this.#loaded = false;
    leaves.forEach((leaf, i) => {
      const path = paths[i] ?? "";
      if (!this.#tensors.has(path)) this.#put(path, leaf);
    });
    return { treedef, paths };
  }
}

function signature({ dtype, shape }: Tensor): string {
  return `${dtype}[${shape}]`;
}

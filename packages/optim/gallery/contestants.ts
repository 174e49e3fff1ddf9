import type { TensorTree } from "@layerwise/autodiff";
import { adaDelta, adaGrad, adam, lbfgs, lion, rmsProp, rprop, sgd } from "@layerwise/optim";

/** A transformation, whatever it asks for. */
export interface Driven {
  init(params: TensorTree): unknown;
  update(
    grads: TensorTree,
    state: unknown,
    params: TensorTree,
    extra: object,
  ): { readonly updates: TensorTree; readonly state: unknown };
}

/** An optimizer as it is drawn. */
export interface Contestant {
  readonly name: string;
  readonly color: string;
  /** Whether there is a learning rate to be chosen; L-BFGS searches its own. */
  readonly hasRate: boolean;
  readonly make: (learningRate: number) => Driven;
}

// Colors of Okabe and Ito, which nearly everybody can tell apart.
const COLORS = ["#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7"];

const panel = (makers: Readonly<Record<string, (learningRate: number) => unknown>>): Contestant[] =>
  Object.entries(makers).map(([name, make], i) => ({
    name,
    color: COLORS[i] ?? "#000000",
    hasRate: make.length > 0,
    make: make as Contestant["make"],
  }));

const momentum = 0.9;

/** The optimizers of the left and of the right half of a picture. */
export const panels: readonly (readonly Contestant[])[] = [
  panel({
    SGD: (learningRate) => sgd({ learningRate }),
    momentum: (learningRate) => sgd({ learningRate, momentum }),
    Nesterov: (learningRate) => sgd({ learningRate, momentum, nesterov: true }),
    Rprop: (learningRate) => rprop({ learningRate }),
    "L-BFGS": () => lbfgs(),
  }),
  panel({
    AdaGrad: (learningRate) => adaGrad({ learningRate }),
    AdaDelta: (learningRate) => adaDelta({ learningRate }),
    RMSProp: (learningRate) => rmsProp({ learningRate }),
    Adam: (learningRate) => adam({ learningRate }),
    Lion: (learningRate) => lion({ learningRate, weightDecay: 0 }),
  }),
];

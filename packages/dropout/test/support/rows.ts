import {
  alphaDropout,
  concreteDropout,
  dropBlock,
  dropConnect,
  dropout,
  dropPath,
  featureAlphaDropout,
  gaussianDropout,
  gaussianNoise,
  lockedDropout,
  maskingNoise,
  saltAndPepperNoise,
  shakeout,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
  standout,
  stochasticDepth,
  uniformNoise,
  variationalDense,
} from "@layerwise/dropout";
import { constant, dense, type Layer } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";

/** A layer and what is known about it. */
export interface Row {
  readonly layer: Layer;
  /** An input shape without the batch axis. */
  readonly shape: readonly number[];
  /** A batch shape that must be refused; absent where every shape is right. */
  readonly wrong?: readonly number[];
  /** Whether the layer does nothing outside of training. Default true. */
  readonly identity?: boolean;
  /** Whether inference needs a key as well. Default false. */
  readonly alwaysKey?: boolean;
}

const biasInit = constant(0.25);
const linear = dense({ units: 3, biasInit });

/** Every layer of the package, by name. */
export const rows: Readonly<Record<string, Row>> = {
  dropout: { layer: dropout({ rate: 0.4 }), shape: [4, 2] },
  "dropout with shared axes": { layer: dropout({ rate: 0.4, sharedAxes: [-1] }), shape: [4, 2] },
  gaussianDropout: { layer: gaussianDropout({ rate: 0.4 }), shape: [5] },
  alphaDropout: { layer: alphaDropout({ rate: 0.4 }), shape: [5] },
  featureAlphaDropout: {
    layer: featureAlphaDropout({ rate: 0.4 }),
    shape: [2, 2, 3],
    wrong: [2, 3],
  },
  "featureAlphaDropout channels first": {
    layer: featureAlphaDropout({ rate: 0.4, channelsFirst: true }),
    shape: [3, 2],
    wrong: [2, 3],
  },
  spatialDropout1d: { layer: spatialDropout1d({ rate: 0.4 }), shape: [2, 4], wrong: [2, 4] },
  spatialDropout2d: { layer: spatialDropout2d({ rate: 0.4 }), shape: [2, 2, 3], wrong: [2, 2, 3] },
  "spatialDropout2d channels first": {
    layer: spatialDropout2d({ rate: 0.4, channelsFirst: true }),
    shape: [3, 2, 2],
    wrong: [2, 2, 3],
  },
  spatialDropout3d: {
    layer: spatialDropout3d({ rate: 0.4 }),
    shape: [2, 1, 2, 4],
    wrong: [2, 2, 3, 4],
  },
  lockedDropout: { layer: lockedDropout({ rate: 0.4 }), shape: [3, 4], wrong: [3, 4] },
  "lockedDropout time first": {
    layer: lockedDropout({ rate: 0.4, timeFirst: true }),
    shape: [2, 4],
    wrong: [2, 4],
  },
  dropPath: { layer: dropPath({ rate: 0.6 }), shape: [4] },
  "dropPath unscaled": { layer: dropPath({ rate: 0.6, scaleByKeep: false }), shape: [4] },
  dropBlock: {
    layer: dropBlock({ rate: 0.3, blockSize: 2 }),
    shape: [4, 5, 2],
    wrong: [4, 5, 2],
  },
  "dropBlock channels first, each its own": {
    layer: dropBlock({ rate: 0.3, blockSize: 3, channelsFirst: true, coupleChannels: false }),
    shape: [2, 4, 5],
    wrong: [4, 5, 2],
  },
  stochasticDepth: {
    layer: stochasticDepth(dense({ units: 4, biasInit }), { rate: 0.6 }),
    shape: [4],
    identity: false,
  },
  dropConnect: {
    layer: dropConnect(linear, { rate: 0.4, dropBias: true, activation: tf.tanh }),
    shape: [4],
    wrong: [2, 3],
    identity: false,
  },
  "dropConnect with Gaussian inference": {
    layer: dropConnect(linear, {
      rate: 0.4,
      activation: tf.tanh,
      inference: "gaussian",
      samples: 7,
    }),
    shape: [4],
    wrong: [2, 3],
    identity: false,
    alwaysKey: true,
  },
  concreteDropout: { layer: concreteDropout({ rate: 0.3, temperature: 0.5 }), shape: [4] },
  variationalDense: {
    layer: variationalDense({ units: 3, biasInit, logVarianceInit: constant(-2) }),
    shape: [2, 4],
    wrong: [2, 3],
    identity: false,
  },
  standout: {
    layer: standout({ units: 3, biasInit, activation: tf.tanh, alpha: 0.9, beta: 0.1 }),
    shape: [4],
    wrong: [2, 3],
    identity: false,
  },
  shakeout: {
    layer: shakeout({ units: 3, biasInit, rate: 0.4, strength: 0.3 }),
    shape: [2, 4],
    wrong: [2, 3],
    identity: false,
  },
  maskingNoise: { layer: maskingNoise({ rate: 0.4 }), shape: [5] },
  saltAndPepperNoise: { layer: saltAndPepperNoise({ rate: 0.4, low: -1 }), shape: [5] },
  gaussianNoise: { layer: gaussianNoise({ stddev: 0.3 }), shape: [5] },
  uniformNoise: { layer: uniformNoise({ limit: 0.3 }), shape: [5] },
};

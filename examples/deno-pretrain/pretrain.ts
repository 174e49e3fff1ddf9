// The job, the same file in the examples for Node, Deno and browsers: it runs on the backend that tfjs has.
import { random, treeDispose } from "@layerwise/autodiff";
import {
  type Autoencoder,
  type AutoencoderVariables,
  denoisingAutoencoder,
  masking,
} from "@layerwise/autoencoders";
import {
  balancedSubset,
  imagesTensor,
  type LabelledImages,
  labelsTensor,
  type Mnist,
  subset,
  take,
} from "@layerwise/data";
import { adam } from "@layerwise/optim";
import {
  classifier,
  errorRate,
  type FitEvent,
  fineTune,
  finish,
  pretrainGreedy,
  withPretrained,
} from "@layerwise/pretrain";

/** Hears how a training goes. */
export type Listener = (event: FitEvent) => void;

/** The layers from the input upwards: 784 pixels to 64 units to 32 units. */
export const stack: readonly Autoencoder[] = [64, 32].map((units) =>
  denoisingAutoencoder({ units, corruption: masking(0.25) }),
);

const seed = 1;
const schedule = { optimizer: adam({ learningRate: 0.03 }), batchSize: 50 };

/** What is learnt from: many digits without labels, few with; and what the error is measured on. */
export function choose({ train, test }: Mnist): Record<"many" | "few" | "test", LabelledImages> {
  const many = take(train, 500);
  return { many, few: subset(many, balancedSubset(many.labels, 10, seed)), test: take(test, 1000) };
}

/** Each layer learns to reconstruct the codes of the one below. Labels play no part. */
export async function pretrain(
  digits: LabelledImages,
  listen: Listener,
): Promise<readonly AutoencoderVariables[]> {
  const data = imagesTensor(digits);
  const layers = stack.map((autoencoder) => ({ autoencoder, ...schedule, epochs: 3 }));
  const { variables } = await finish(
    pretrainGreedy({ layers, data, key: random.key(seed), seed }),
    listen,
  );
  data.dispose();
  return variables;
}

/** A classifier learns from labels, on pre-trained layers or, with none, from scratch. Returns its test error. */
export async function train(
  digits: LabelledImages,
  test: LabelledImages,
  pretrained: readonly AutoencoderVariables[],
  listen?: Listener,
): Promise<number> {
  const net = classifier({ layers: stack.map(({ encoder }) => encoder), classes: 10 });
  const start = withPretrained(net, random.key(seed), [784], pretrained);
  const x = imagesTensor(digits);
  const labels = labelsTensor(digits.labels);
  const { variables } = await finish(
    fineTune({
      net,
      variables: start,
      x,
      labels,
      stages: [
        { train: "head", ...schedule, epochs: 4 },
        { train: "all", ...schedule, epochs: 12 },
      ],
      key: random.key(seed),
      seed,
    }),
    listen,
  );
  const [testX, testLabels] = [imagesTensor(test), labelsTensor(test.labels)];
  const error = await errorRate(net, variables, testX, testLabels);
  treeDispose([start, x, labels, variables, testX, testLabels]);
  return error;
}

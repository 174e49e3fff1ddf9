import { random, treeDispose } from "@layerwise/autodiff";
import { errorRate, treeFromArrays } from "@layerwise/pretrain";
import { startBackend } from "../backend.ts";
import type { BackendOptions } from "../backend-name.ts";
import { readLabelled } from "../images.ts";
import { classifierOf, readModel } from "../model-file.ts";

/** `layerwise evaluate`: prints the error rate of a classifier. */
export async function evaluate(
  path: string,
  images: string,
  labels: string,
  options: BackendOptions,
): Promise<number> {
  const file = await readModel(path, "classifier");
  await startBackend(options);
  const data = await readLabelled(images, labels, file);
  const [count, inputs] = data.x.shape;
  if (inputs !== file.inputs) {
    throw new Error(
      `${images}: expected images of ${file.inputs} pixels for ${path}, found ${inputs}`,
    );
  }
  const net = classifierOf(file);
  const like = net.init(random.key(0), [inputs]);
  const variables = treeFromArrays(like, file.tensors, path);
  const rate = await errorRate(net, variables, data.x, data.labels);
  treeDispose([like, variables, data.x, data.labels]);
  console.log(`${(100 * rate).toFixed(2)} % wrong (${Math.round(rate * count)} of ${count})`);
  return 0;
}

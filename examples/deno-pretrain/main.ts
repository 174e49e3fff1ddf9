// Pre-training in Deno, on the GPU: `pnpm start`.
import { cpu } from "@layerwise/cpu";
import { mnist } from "@layerwise/data";
import { describePhase, type FitEvent } from "@layerwise/pretrain";
import { WebGPUUnavailableError, webgpu } from "@layerwise/webgpu";
import { choose, pretrain, train } from "./pretrain.ts";

/** Makes the GPU, or where there is none the CPU, what tfjs computes on; says which. */
async function openBackend(): Promise<string> {
  try {
    return `WebGPU: ${(await webgpu()).label}`;
  } catch (error) {
    if (!(error instanceof WebGPUUnavailableError)) throw error;
    return `CPU: ${(await cpu()).backend} (${error.message})`;
  }
}

const print = (event: FitEvent): void => {
  if (event.type !== "epoch") return;
  const { phase, epoch, epochs, loss } = event;
  console.log(`${describePhase(phase)}, epoch ${epoch + 1}/${epochs}: loss ${loss.toFixed(1)}`);
};

const percent = (error: number): string => `${(100 * error).toFixed(1)} %`;

console.log(await openBackend());
const { many, few, test } = choose(await mnist());
const layers = await pretrain(many, print);
console.log(`Test error with ${few.labels.length} labels`);
console.log(`  from scratch: ${percent(await train(few, test, []))}`);
console.log(`  pre-trained:  ${percent(await train(few, test, layers))}`);

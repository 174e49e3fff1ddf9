// Pre-training in the browser, on the GPU: the page starts at once and shows what it learns.
import { cpu } from "@layerwise/cpu";
import { mnist } from "@layerwise/data";
import { describePhase, type FitEvent } from "@layerwise/pretrain";
import { WebGPUUnavailableError, webgpu } from "@layerwise/webgpu";
import { filtersOf, reconstructionsOf } from "./pictures.ts";
import { choose, pretrain, stack, train } from "./pretrain.ts";
import { drawFilters, drawLosses, drawReconstructions, say, showProgress } from "./view.ts";

/** Makes the GPU, or where there is none the CPU, what tfjs computes on; says which. */
async function openBackend(): Promise<string> {
  try {
    return `WebGPU: ${(await webgpu()).label}`;
  } catch (error) {
    if (!(error instanceof WebGPUUnavailableError)) throw error;
    return `CPU: ${(await cpu()).backend} (${error.message})`;
  }
}

const losses: number[][] = stack.map(() => []);
// Of each autoencoder, then of the two stages of each classifier.
const parts = stack.length + 2 * 2;
let part = 0;

const follow =
  (title: string) =>
  (event: FitEvent): void => {
    const { phase, step, steps } = event;
    say("status", `${title}${describePhase(phase)}, epoch ${event.epoch + 1}`);
    showProgress((part + step / steps) / parts);
    if (step === steps) part++;
    if (event.type === "step" || phase.kind !== "pretrain") return;
    losses[phase.layer]?.push(event.loss);
    drawLosses(losses);
  };

const percent = (error: number): string => `${(100 * error).toFixed(1)} %`;

async function main(): Promise<void> {
  say("backend", await openBackend());
  const { many, few, test } = choose(await mnist({ source: "./" }));
  const layers = await pretrain(many, follow(""));
  drawFilters(await filtersOf(layers));
  drawReconstructions(await reconstructionsOf(layers, test));
  say("scratch", percent(await train(few, test, [], follow("From scratch: "))));
  say("pretrained", percent(await train(few, test, layers, follow("Pre-trained: "))));
  say("status", "Done");
}

addEventListener("resize", () => drawLosses(losses));
main().catch((error: unknown) => {
  say("status", `${error}`);
  throw error;
});

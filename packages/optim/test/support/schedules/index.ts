import type { Schedule } from "@layerwise/optim";
import { release, source } from "./optax.ts";
import { first, kozistr, more } from "./torch.ts";

export type Schedules = Readonly<Record<string, Schedule>>;

/** The schedules of the golden file, by its keys. */
export const schedules: Readonly<Record<string, Schedules>> = {
  optax: source,
  torch: first,
  "optax-0.2.8": release,
  "torch-1.13": more,
  "pytorch_optimizer-3.8.0": kozistr,
};

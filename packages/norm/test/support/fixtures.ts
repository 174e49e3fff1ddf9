import golden from "../fixtures/norm.json" with { type: "json" };
import torch from "../fixtures/torch.json" with { type: "json" };
import type { Nested } from "./evaluate.ts";

/** A case of a fixture: input, parameters, output, and gradients of Σ y · cot. */
export interface GoldenCase {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly x: Nested;
  readonly params: Readonly<Record<string, Nested>>;
  readonly y: Nested;
  readonly cot: Nested;
  readonly dx: Nested;
  readonly dparams: Readonly<Record<string, Nested>>;
}

const all = [...golden.cases, ...torch.cases] as unknown as readonly GoldenCase[];

/** The cases of a name, in order; throws where there is none. */
export function casesOf<Extra = unknown>(name: string): readonly (GoldenCase & Extra)[] {
  const found = all.filter((c) => c.name === name);
  if (found.length === 0) throw new Error(`no fixture ${name}`);
  return found as unknown as readonly (GoldenCase & Extra)[];
}

/** Moves axis 1 of nested numbers to the end, as channels last has it. */
export function channelsLast(values: Nested): Nested {
  if (!Array.isArray(values)) return values;
  return values.map((example: Nested) => firstToLast(example));
}

/** The transpose of a matrix. */
export function transposed(matrix: Nested): Nested {
  return firstToLast(matrix);
}

// [c, ...rest] → [...rest, c].
function firstToLast(values: Nested): Nested {
  const channels = values as readonly Nested[];
  const first = channels[0];
  if (!Array.isArray(first)) return values;
  return first.map((_, i) => firstToLast(channels.map((c) => (c as readonly Nested[])[i] ?? NaN)));
}

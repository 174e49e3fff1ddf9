import { InvalidArgumentError } from "commander";

/** Makes a parser of whole numbers from `least` upwards. */
export const whole =
  (least: number) =>
  (text: string): number => {
    const n = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(n) && n >= least) return n;
    throw new InvalidArgumentError(`Expected a whole number >= ${least}.`);
  };

/** Parses a number above 0. */
export function positive(text: string): number {
  const n = Number(text);
  if (n > 0 && Number.isFinite(n)) return n;
  throw new InvalidArgumentError("Expected a number > 0.");
}

/** Parses a number from 0 up to, but not including, 1. */
export function fraction(text: string): number {
  const n = Number(text);
  if (text.trim() !== "" && n >= 0 && n < 1) return n;
  throw new InvalidArgumentError("Expected a number in [0, 1).");
}

/** Parses sizes of layers, as in `300,300`. */
export function layerSizes(text: string): readonly number[] {
  const sizes = text.split(",").map(Number);
  if (sizes.every((n) => Number.isSafeInteger(n) && n >= 1)) return sizes;
  throw new InvalidArgumentError("Expected whole numbers >= 1 with commas, such as 300,300.");
}

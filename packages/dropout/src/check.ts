/** Throws unless a rate is a probability. */
export function checkRate(name: string, rate: number): void {
  if (rate >= 0 && rate <= 1) return;
  throw new Error(`${name}: expected a rate in [0, 1], got ${rate}`);
}

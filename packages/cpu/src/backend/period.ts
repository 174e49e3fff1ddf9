/** Fewer equal items than this are no sign of a repetition. */
const LEAST = 64;

/**
 * The smallest number of items after which a list repeats itself to its end, undefined where it does not.
 * A training loop that never waits records one step after the other; cut at its period, all steps are the
 * same graph.
 */
export const periodOf = <T>(
  items: readonly T[],
  same: (x: T, y: T) => boolean,
): number | undefined => {
  const first = items[0];
  if (first === undefined) return undefined;
  for (let period = 1; period <= items.length - LEAST; period++) {
    if (!same(items[period]!, first)) continue;
    let i = period + 1;
    while (i < items.length && same(items[i]!, items[i - period]!)) i++;
    if (i === items.length) return period;
  }
  return undefined;
};

// The tally that every checking script prints last.

/** Passed and failed tests of one or more runs. */
export interface Tally {
  passed: number;
  failed: number;
}

/** Sum of tallies. */
export const total = (tallies: readonly Tally[]): Tally => ({
  passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
  failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
});

/** The closing line, `N passed, N failed`. */
export const line = ({ passed, failed }: Tally): string => `${passed} passed, ${failed} failed`;

/** The tally in the last line of some output, if it is a closing line. */
export const parse = (output: string): Tally | undefined => {
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? [];
  return passed && failed ? { passed: Number(passed), failed: Number(failed) } : undefined;
};

/** Throws unless a hyperparameter lies in `[low, high)`. */
export function checkRange(
  name: string,
  value: number,
  low: number,
  high: number = Infinity,
): void {
  if (value >= low && value < high) return;
  const wanted = high === Infinity ? `at least ${low}` : `in [${low}, ${high})`;
  throw new Error(`${name}: expected a number ${wanted}, got ${value}`);
}

/** Throws unless a hyperparameter is a finite number. */
export function checkFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) throw new Error(`${name}: expected a finite number, got ${value}`);
}

/** Throws unless a learning rate is a finite number that is not negative, or a schedule. */
export function checkLearningRate<Schedule>(
  name: string,
  value: number | Schedule | undefined,
): asserts value is number | Schedule {
  if (typeof value === "function") return;
  if (typeof value === "number" && value >= 0 && value < Infinity) return;
  throw new Error(
    `${name}: expected learningRate to be a number >= 0 or a schedule, got ${String(value)}`,
  );
}

/** Throws unless a duration is a positive whole number of steps. */
export function checkSteps(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`${name}: expected a positive whole number of steps, got ${value}`);
  }
}

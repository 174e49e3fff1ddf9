/**
 * Runs an async iterator to its end and gives its result; `onEvent` sees every event on the way.
 * An error of `onEvent` ends the run.
 *
 * @example
 * ```ts
 * import { finish } from "@layerwise/pretrain";
 *
 * async function* count() {
 *   yield 1;
 *   return "done";
 * }
 * if ((await finish(count())) !== "done") throw new Error("result");
 * ```
 */
export async function finish<Event, Result>(
  run: AsyncGenerator<Event, Result, void>,
  onEvent: (event: Event) => void = () => {},
): Promise<Result> {
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
    try {
      onEvent(value);
    } catch (error) {
      // The run frees what it holds.
      await run.return(undefined as never);
      throw error;
    }
  }
}

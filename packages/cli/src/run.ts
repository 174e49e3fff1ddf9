import { CommanderError } from "commander";
import { program } from "./program.ts";

/**
 * Runs the command line and returns the exit code: 0, 1 after an error (one line on stderr), 130
 * when it was interrupted.
 *
 * @param args Arguments without the names of runtime and program, as `process.argv.slice(2)`.
 *
 * @example
 * ```ts
 * import { run } from "layerwise";
 *
 * const code = await run(["--version"]);
 * if (code !== 0) throw new Error(`${code}`);
 * ```
 */
export async function run(args: readonly string[]): Promise<number> {
  let code = 0;
  const end = (reached: number): void => {
    code = reached;
  };
  try {
    await program(end).parseAsync([...args], { from: "user" });
  } catch (error) {
    // Commander has already said what was wrong with the arguments.
    if (error instanceof CommanderError) return error.exitCode;
    console.error(`layerwise: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
  return code;
}

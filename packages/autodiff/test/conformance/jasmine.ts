import { createRequire } from "node:module";
import { workerData } from "node:worker_threads";
import type { SpecOutcome, Task } from "./modes.ts";

/** The parts of Jasmine 4 that the runner needs; tfjs's specs find the rest as globals. */
interface Jasmine {
  DEFAULT_TIMEOUT_INTERVAL: number;
  getEnv(options?: object): Environment;
}

interface Environment {
  configure(options: {
    readonly random: boolean;
    readonly specFilter: (spec: { getFullName(): string }) => boolean;
  }): void;
  addReporter(reporter: object): void;
  execute(): Promise<unknown>;
}

/** What Jasmine tells a reporter of one spec. */
export interface SpecResult {
  readonly fullName: string;
  readonly status: SpecOutcome["status"];
  readonly failedExpectations: readonly { readonly message: string; readonly stack: string }[];
}

// Not bundled: Jasmine leaves its own file out of the stacks of failures, and all else would be in it.
const { jasmine: path } = workerData as Task;
const required = createRequire(path)(path) as {
  core(self: unknown): Jasmine;
  interface(jasmine: Jasmine, env: Environment): object;
};
const jasmine = required.core(required);
// The machine may be busy with other tests.
jasmine.DEFAULT_TIMEOUT_INTERVAL = 60_000;

/** The environment into which the specs put themselves. Specs must be imported after this module. */
export const environment: Environment = jasmine.getEnv({ suppressLoadErrors: true });

Object.assign(globalThis, required.interface(jasmine, environment));

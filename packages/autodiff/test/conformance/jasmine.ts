import jasmineRequire from "jasmine-core/lib/jasmine-core/jasmine.js";

/** The parts of Jasmine 4 that the runner needs; tfjs's specs find the rest as globals. */
export interface Jasmine {
  readonly DEFAULT_TIMEOUT_INTERVAL: number;
  getEnv(options?: object): JasmineEnv;
}

/** Jasmine's environment. */
export interface JasmineEnv {
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
  readonly status: "passed" | "failed" | "pending" | "excluded";
  readonly failedExpectations: readonly { readonly message: string; readonly stack: string }[];
}

const required = jasmineRequire as {
  core(self: unknown): Jasmine;
  interface(jasmine: Jasmine, env: JasmineEnv): object;
};
const jasmine = required.core(required);

/** The environment into which the specs put themselves. Specs must be imported after this module. */
export const environment: JasmineEnv = jasmine.getEnv({ suppressLoadErrors: true });

Object.assign(globalThis, required.interface(jasmine, environment));

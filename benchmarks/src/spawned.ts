import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Entry } from "./contestants/index.ts";
import type { Hello, Request, Samples } from "./protocol.ts";

/** A contestant's process. */
export interface Spawned {
  readonly entry: Entry;
  readonly versions: Hello["versions"];
  start(path: string): Promise<void>;
  steps(count: number, times?: { leadIn: number; limit: number }): Promise<Samples>;
  end(): void;
}

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Without what would make OpenBLAS take this CPU for another, older one. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^OPENBLAS_(CORETYPE|L2_SIZE)$/.test(name)),
);

/** What the line that names the error says, of all that a process printed when it died. */
const reasonIn = (errors: string): string => {
  const said = errors.split("\n").map((line) => /^\w*Error: (.*)/.exec(line)?.[1]);
  return said.findLast((reason) => reason !== undefined) ?? errors.trim().slice(0, 2000);
};

/** Starts a contestant, or throws with what it printed when it cannot run. */
export async function spawnContestant(entry: Entry): Promise<Spawned> {
  const [command, args] =
    entry.load === undefined
      ? [process.env.PYTHON ?? "python3", [file("contestants/pytorch.py")]]
      : [process.execPath, [...process.execArgv, file("child.ts"), entry.name]];
  const child = spawn(command, args, {
    env: { ...environment, ...entry.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  // A child that died also shows as the end of its output.
  child.on("error", (error) => {
    errors += error.message;
  });
  child.stdin.on("error", () => {});

  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => {
    while (true) {
      const { value, done } = await lines.next();
      if (done) throw new Error(reasonIn(errors));
      // Libraries print greetings.
      if (value.startsWith("{")) return JSON.parse(value) as T;
    }
  };
  const ask = <T>(request: Request): Promise<T> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return answer<T>();
  };

  const { versions } = await answer<Hello>();
  return {
    entry,
    versions,
    start: (path) => ask({ kind: "start", path }),
    steps: (steps, times) => ask({ kind: "steps", steps, ...times }),
    end: () => {
      child.stdin.end();
      child.kill();
    },
  };
}

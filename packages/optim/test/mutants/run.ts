// Whether the tests notice mistakes that optimizers are known to have had: `pnpm mutants [part of a name]`.
// A mutant runs the tests that should notice it, then, if it survives them, all tests in Node.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { adamMutants } from "./adam-mutants.ts";
import { apply, type Edit } from "./edit.ts";
import type { Mutant } from "./mutant.ts";
import { outerMutants } from "./outer-mutants.ts";
import { ruleMutants } from "./rule-mutants.ts";

const root = join(import.meta.dirname, "../..");
const dir = await mkdtemp(join(tmpdir(), "layerwise-mutants-"));

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Names of the tests that fail. */
async function failures(edit: Edit | null, selection: readonly string[]): Promise<string[]> {
  const file = join(dir, "report.json");
  await rm(file, { force: true });
  const args = ["run", "--config", "test/mutants/vitest.config.ts", "--root", root];
  const reporter = ["--reporter=json", `--outputFile=${file}`, "--project", "*(node)*"];
  const env = { ...process.env, MUTANT: JSON.stringify(edit) };
  const child = spawn("vitest", [...args, ...reporter, ...selection], { cwd: root, env });
  let output = "";
  child.stdout.on("data", (text) => (output += text));
  child.stderr.on("data", (text) => (output += text));
  await new Promise((resolve) => child.on("close", resolve));
  const text = await readFile(file, "utf8").catch(() => {
    throw new Error(`vitest wrote no report:\n${output}`);
  });
  return (JSON.parse(text) as Report).testResults.flatMap((suite) => {
    const short = suite.name.replace(/^.*\/test\//, "");
    if (suite.assertionResults.length === 0 && suite.status === "failed") {
      throw new Error(`${short} did not run: ${suite.message}`);
    }
    return suite.assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName }) => `${short}: ${fullName}`);
  });
}

/** The first test that fails for a mutant and for nothing else. */
async function killer(mutant: Mutant, before: ReadonlySet<string>): Promise<string | undefined> {
  apply(mutant, await readFile(join(root, "src", mutant.file), "utf8"));
  const { tests, rows = "" } = mutant;
  for (const selection of [tests ?? ["test/golden.test.ts", "-t", rows], []]) {
    const killers = (await failures(mutant, selection)).filter((name) => !before.has(name));
    if (killers[0] !== undefined) return killers[0];
  }
  return undefined;
}

const mutants = [...adamMutants, ...ruleMutants, ...outerMutants];

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const [part = ""] = process.argv.slice(2);
try {
  const before = await failures(null, []);
  for (const name of before) print(`fails without any mutant: ${name}`);
  let bad = before.length;
  print("| mutant | file | killed by |\n| --- | --- | --- |");
  for (const mutant of mutants.filter(({ name }) => name.includes(part))) {
    const found = await killer(mutant, new Set(before)).catch(
      ({ message }: Error) => `ERROR ${message.split("\n")[0]}`,
    );
    if (found === undefined || found.startsWith("ERROR")) bad++;
    print(`| ${mutant.name} | ${mutant.file} | ${found ?? "SURVIVED"} |`);
  }
  process.exitCode = bad === 0 ? 0 : 1;
} finally {
  await rm(dir, { recursive: true });
}

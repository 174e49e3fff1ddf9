// What no linter here checks: file length, import cycles, index files, and that deno.json, package.json and the
// changesets group agree. Ends with `N passed, N failed`, one test per rule and package.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import process from "node:process";
import { line } from "./report.ts";

const maxLines = 300;
const json = (file: string): Record<string, unknown> => JSON.parse(readFileSync(file, "utf8"));
const posix = (path: string): string => path.replaceAll("\\", "/");

const sources = (dir: string): Map<string, string> =>
  new Map(globSync(`${dir}/src/**/*.ts`).map((file) => [posix(file), readFileSync(file, "utf8")]));

const length = (files: Map<string, string>): string[] =>
  [...files]
    .map(([file, text]) => ({ file, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > maxLines)
    .map(({ file, lines }) => `${file}: ${lines} lines, at most ${maxLines}`);

// Type imports are erased and cannot form a cycle at run time.
const runtimeImport = /^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)"|^import "(\.[^"]+)"/gm;

const cycles = (files: Map<string, string>): string[] => {
  const imports = (file: string): string[] =>
    [...(files.get(file) ?? "").matchAll(runtimeImport)].map(([, from, bare]) =>
      posix(normalize(join(dirname(file), from ?? bare ?? ""))),
    );
  const done = new Set<string>();
  const problems: string[] = [];
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) {
      problems.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(" -> ")}`);
      return;
    }
    if (done.has(file)) return;
    for (const next of imports(file)) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files.keys()) visit(file, []);
  return problems;
};

/** A package's index may name its folders, each of which has an index that names what is public. */
const index = (files: Map<string, string>): string[] =>
  [...files]
    .filter(([file]) => /\/src\/(\w[\w-]*\/)?index\.ts$/.test(file))
    .filter(([file, text]) => {
      const exports = /^export (?!type \{|type \*|\{|\* as )(.*)/gm;
      const folders = /\/src\/index\.ts$/.test(file) ? /^\* from "\.\/[\w-]+\/index\.ts";$/ : /^$/;
      return [...text.matchAll(exports)].some(([, rest]) => !folders.test(rest ?? ""));
    })
    .map(([file]) => `${file}: index.ts only re-exports, by name (or a folder's whole index.ts)`);

const manifests = (dir: string): string[] => {
  const pkg = json(`${dir}/package.json`);
  const deno = json(`${dir}/deno.json`);
  const exported = (map: unknown): string[] =>
    Object.entries(map as Record<string, string | Record<string, string>>)
      .filter(([key]) => key !== "./package.json")
      .map(
        ([key, target]) =>
          `${key} ${typeof target === "string" ? target : target["@layerwise/source"]}`,
      );
  const here = exported(pkg.exports).join();
  const there = exported(deno.exports).join();
  return [
    ...(here === there ? [] : [`${dir}: package.json exports ${here}, deno.json ${there}`]),
    ...(pkg.version === deno.version
      ? []
      : [`${dir}: versions ${pkg.version} and ${deno.version}`]),
    ...(existsSync(`${dir}/README.md`) ? [] : [`${dir}: no README.md`]),
  ];
};

const rules = {
  length: (_: string, files: Map<string, string>) => length(files),
  cycles: (_: string, files: Map<string, string>) => cycles(files),
  index: (_: string, files: Map<string, string>) => index(files),
  manifests: (dir: string) => manifests(dir),
};

let passed = 0;
let failed = 0;
for (const dir of globSync("packages/*").map(posix).sort()) {
  const files = sources(dir);
  for (const [rule, check] of Object.entries(rules)) {
    const problems = check(dir, files);
    for (const problem of problems) console.log(`${rule}: ${problem}`);
    if (problems.length === 0) passed++;
    else failed++;
  }
}
console.log(line({ passed, failed }));
process.exitCode = failed === 0 ? 0 : 1;

// The code blocks of the documentation: every fenced `ts` block in the README of the repository or a package, and every one in a TSDoc comment
// under src. A block fenced as `ts no-run` (it needs a browser or a file) is type-checked but not executed.
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { basename } from "node:path";

/** One documented example. */
export interface Example {
  /** Package directory, `packages/optim`. */
  dir: string;
  /** Where it stands, `packages/optim/src/sgd.ts:12`. */
  title: string;
  /** File name that is unique in the package, `sgd-12.ts`. */
  file: string;
  code: string;
  run: boolean;
}

const fence = /^```ts( no-run)?\s*\n([\s\S]*?)^```/gm;

// Blanks the comment's frame, so that line numbers stay those of the file.
const comments = (source: string): string => {
  let inside = false;
  return source
    .split("\n")
    .map((text) => {
      if (/^\s*\/\*\*/.test(text)) inside = true;
      const kept = inside ? text.replace(/^\s*(\/\*\*| \*\/|\* ?)/, "") : "";
      if (text.includes("*/")) inside = false;
      return kept;
    })
    .join("\n");
};

/** All examples of the packages, or of the packages whose directory contains `filter`. */
export const examples = async (filter = ""): Promise<Example[]> => {
  const found: Example[] = [];
  for await (const path of glob(["README.md", "packages/*/README.md", "packages/*/src/**/*.ts"])) {
    // The repository's README runs in the package that depends on all it shows.
    const dir =
      path === "README.md" ? "packages/pretrain" : path.split(/[\\/]/).slice(0, 2).join("/");
    if (!dir.includes(filter)) continue;
    const source = readFileSync(path, "utf8");
    const text = path.endsWith(".md") ? source : comments(source);
    for (const match of text.matchAll(fence)) {
      const [, flag, code = ""] = match;
      const number = text.slice(0, match.index).split("\n").length;
      const stem = basename(path)
        .replace(/\.\w+$/, "")
        .toLowerCase();
      const file = `${stem}-${number}-${found.length}.ts`;
      found.push({ dir, title: `${path}:${number}`, file, code, run: flag === undefined });
    }
  }
  return found.sort((a, b) => (a.title < b.title ? -1 : 1));
};

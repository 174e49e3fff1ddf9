import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, expect, test } from "vitest";

// The program in its own process, as `npm start` runs it. In Deno's suite there is nothing to add.
const skip = "Deno" in globalThis;
const conditions = process.env.TEST_DIST ? [] : ["--conditions=@layerwise/source"];
const folder = mkdtempSync(join(tmpdir(), "layerwise-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

const start = (args: readonly string[], interruptAt?: RegExp): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn("node", [...conditions, "main.ts", ...args], { cwd: import.meta.dirname });
    let [output, errors, interrupted] = ["", "", false];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (!interrupted && interruptAt?.test(output)) interrupted = child.kill("SIGINT");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.on("close", (code) => resolve({ code, output, errors }));
  });

const small = "--train 200 --test 100 --depth 2 --units 20 --epochs 2 --pretrain-epochs 2".split(
  " ",
);
const out = (name: string): string => join(folder, name);
const table = (output: string): string =>
  output.slice(output.indexOf("depth  "), output.indexOf("Report"));
// What is left is numbers, charts and images.
const withoutTimes = (html: string): string =>
  html.replace(/<dt>time.*?<\/dd>/, "").replace(/<footer>.*?<\/footer>/, "");

test.skipIf(skip)(
  "the same seed gives the same table, charts and images, on one thread or two",
  { timeout: 120_000 },
  async () => {
    const runs = [
      ["--threads", "1", "--out", out("one.html")],
      ["--threads", "2", "--out", out("two.html")],
      ["--seed", "2", "--out", out("other.html")],
    ];
    const ended: Ended[] = [];
    for (const args of runs) ended.push(await start([...small, ...args]));
    expect(ended.map(({ code, errors }) => [code, errors])).toEqual(Array(3).fill([0, ""]));
    const tables = ended.map(({ output }) => table(output).replace(/\d+:\d\d on .*/, ""));
    expect(tables[0]).toMatch(/^1 +\d+\.\d\d % +\d+\.\d\d % +\d+\.\d\d %$/m);
    expect(tables[1]).toBe(tables[0]);
    expect(tables[2]).not.toBe(tables[0]);
    const pages = ["one.html", "two.html"].map((name) => readFileSync(out(name), "utf8"));
    expect(withoutTimes(pages[1] ?? "")).toBe(withoutTimes(pages[0] ?? ""));
    expect(pages[0]?.match(/<svg/g)).toHaveLength(10); // 5 charts, each for wide and narrow screens
    expect(pages[0]?.match(/<img/g)).toHaveLength(40 + 20 + 20); // 4 × 10 digits, 2 × 20 filters
  },
);

test.skipIf(skip)("Ctrl-C leaves a report of what was done", { timeout: 120_000 }, async () => {
  const args = "--train 1000 --test 100 --depth 1 --units 20 --pretrain-epochs 1".split(" ");
  const path = out("interrupted.html");
  const many = ["--epochs", "100000", "--threads", "1", "--out", path];
  const { code, output } = await start([...args, ...many], /layers pre-trained/);
  expect(code).toBe(130);
  expect(output).toContain("Stopping ...");
  const page = readFileSync(path, "utf8");
  expect(page).toContain("Stopped before the end");
  expect(page).toContain("not done");
  expect(page).toContain("Reconstructions of test digits");
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test.skipIf(skip)(
  "bad input is one clear line, before any work",
  { timeout: 120_000 },
  async () => {
    const damaged = out("data");
    mkdirSync(damaged);
    // A header for 60,000 images, and no images.
    const header = Uint8Array.of(0, 0, 8, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28);
    for (const part of ["train", "t10k"]) {
      writeFileSync(join(damaged, `${part}-images-idx3-ubyte`), header);
      writeFileSync(join(damaged, `${part}-labels-idx1-ubyte`), header);
    }
    const cases: [string[], RegExp][] = [
      [["--epochs", "0"], /^--epochs: expected a whole number >= 1, got "0"$/],
      [["--corruption", "much"], /^--corruption: expected a number > 0, got "much"$/],
      [["--nonsense"], /^Unknown option '--nonsense'/],
      [["--data", out("none")], /none\/t.*-ubyte: cannot be read: ENOENT/],
      [["--data", damaged], /-idx\d-ubyte: expected \d+ bytes.* found 16/],
      [["--train", "60001"], /60001/],
    ];
    for (const [args, message] of cases) {
      const { code, output, errors } = await start([...args, "--out", out("bad/report.html")]);
      expect([code, output]).toEqual([1, ""]);
      expect(errors.trim()).toMatch(message);
      expect(errors.trim().split("\n")).toHaveLength(1);
    }
    expect(readdirSync(folder)).not.toContain("bad");
  },
);

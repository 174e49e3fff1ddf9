import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { encodeIdx, encodeSafetensors, parseSafetensors } from "@layerwise/data";
import { afterAll, beforeAll, expect, test } from "vitest";

// The program in its own process, as a user runs it. In Deno's suite there is nothing to add.
const skip = "Deno" in globalThis;
const root = join(import.meta.dirname, "..");
const bin = process.env.TEST_DIST
  ? [join(root, "dist/bin.js")]
  : ["--conditions=@layerwise/source", join(root, "src/bin.ts")];

const folder = mkdtempSync(join(tmpdir(), "layerwise-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs `layerwise` in the folder; interrupts it once when `interruptAt` appears on stderr. */
const layerwise = (
  args: string,
  { interruptAt, env }: { interruptAt?: RegExp; env?: Record<string, string> } = {},
): Promise<Ended> =>
  new Promise((resolve) => {
    const words = args.split(" ").filter((word) => word !== "");
    const child = spawn("node", [...bin, ...words], {
      cwd: folder,
      env: { ...process.env, ...env },
    });
    let [output, errors, interrupted] = ["", "", false];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
      if (!interrupted && interruptAt?.test(errors)) interrupted = child.kill("SIGINT");
    });
    child.on("close", (code) => resolve({ code, output, errors }));
  });

const write = (name: string, bytes: Uint8Array): void => writeFileSync(join(folder, name), bytes);
const read = (name: string): Uint8Array => readFileSync(join(folder, name));
const [COUNT, SIDE] = [60, 4];

beforeAll(() => {
  // Upper or lower half lit, some pixels darker: two classes that a network can tell apart.
  const labels = Uint8Array.from({ length: COUNT }, (_, i) => i % 2);
  const pixels = Uint8Array.from({ length: COUNT * SIDE * SIDE }, (_, k) => {
    const image = Math.floor(k / SIDE ** 2);
    const lit = k % SIDE ** 2 < SIDE ** 2 / 2 === (image % 2 === 0);
    return lit ? 255 - ((k * 37) % 100) : 0;
  });
  const images = encodeIdx({ dtype: "uint8", shape: [COUNT, SIDE, SIDE], data: pixels });
  write("images", images);
  write("labels", encodeIdx({ dtype: "uint8", shape: [COUNT], data: labels }));
  write("few-labels", encodeIdx({ dtype: "uint8", shape: [7], data: labels.slice(0, 7) }));
  write(
    "wide",
    encodeIdx({ dtype: "uint8", shape: [COUNT, 2, 4], data: pixels.slice(0, COUNT * 8) }),
  );
  write("cut", images.slice(0, -5));
  write("empty", encodeIdx({ dtype: "uint8", shape: [0, SIDE, SIDE], data: new Uint8Array(0) }));
  write("text", new TextEncoder().encode("hello, not IDX"));
  write("foreign.safetensors", encodeSafetensors({ tensors: {} }));
  mkdirSync(join(folder, "sub"));
});

const cpu = "--backend cpu";
const small = `--layers 8,5 --epochs 3 --batch-size 10 ${cpu}`;

test.skipIf(skip)(
  "pretrain, finetune, evaluate: from images to an error rate",
  async () => {
    const pretrained = await layerwise(`pretrain images -o stack.safetensors ${small}`);
    expect(pretrained).toMatchObject({ code: 0, output: "stack.safetensors: 16-8-5\n" });
    const lines = pretrained.errors.trim().split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[5]).toMatch(
      /^pre-training of layer 2\/2 {2}epoch 3\/3 {2}loss \d+\.\d{4} {2}\d+\.\d s$/,
    );
    const stack = parseSafetensors(read("stack.safetensors"));
    expect(stack.metadata).toEqual({
      format: "layerwise",
      kind: "pretrained",
      inputs: "16",
      layers: "8,5",
      classes: "0",
    });
    expect(stack.tensors["1.params.encoder.dense.kernel"]?.shape).toEqual([8, 5]);

    const finetuned = await layerwise(
      `finetune images labels -o net.safetensors --pretrained stack.safetensors --layers 8,5,4 --head-epochs 2 --epochs 60 --batch-size 10 --learning-rate 2 ${cpu}`,
    );
    expect(finetuned).toMatchObject({ code: 0, output: "net.safetensors: 16-8-5-4-2\n" });
    // The two halves do not overlap, so that no error is left.
    expect(await layerwise(`evaluate net.safetensors images labels ${cpu}`)).toEqual({
      code: 0,
      output: "0.00 % wrong (0 of 60)\n",
      errors: "",
    });
  },
  60_000,
);

test.skipIf(skip)(
  "the same seed writes the same bytes, another seed others",
  async () => {
    for (const [name, seed] of [
      ["a", 1],
      ["b", 1],
      ["c", 2],
    ]) {
      expect((await layerwise(`pretrain images -o ${name} --seed ${seed} ${small}`)).code).toBe(0);
    }
    expect(read("b")).toEqual(read("a"));
    expect(read("c")).not.toEqual(read("a"));
  },
  60_000,
);

test.skipIf(skip)(
  "without labelled help: finetune --layers starts from scratch",
  async () => {
    const args = `finetune images labels -o scratch.safetensors --classes 3 --limit 20 ${small}`;
    expect(await layerwise(args)).toMatchObject({
      code: 0,
      output: "scratch.safetensors: 16-8-5-3\n",
    });
  },
  60_000,
);

test.skipIf(skip)(
  "Ctrl-C writes what was reached and exits with 130",
  async () => {
    const args = `pretrain images -o stopped --layers 8,5 --epochs 1000000 ${cpu}`;
    const { code, output } = await layerwise(args, { interruptAt: /epoch 2/ });
    expect([code, output]).toEqual([130, "stopped: 16-8, interrupted in the last\n"]);
    expect(parseSafetensors(read("stopped")).metadata.layers).toBe("8");
  },
  60_000,
);

test.skipIf(skip)(
  "info names the backend",
  async () => {
    const { code, output } = await layerwise(`info ${cpu}`);
    expect(code).toBe(0);
    expect(output).toMatch(
      /^cpu: layerwise-cpu \(SIMD(, \d+ threads)?\)\nTensorFlow\.js 4\.22\.0, Node v/,
    );
  },
  60_000,
);

// Where the driver is named by the environment, naming none leaves the machine without a GPU.
test.skipIf(skip || process.platform !== "linux")(
  "without WebGPU, --backend webgpu is an error that says what to install, and auto takes the CPU",
  async () => {
    const none = { VK_ICD_FILENAMES: "/dev/null", VK_DRIVER_FILES: "/dev/null" };
    const { code, output, errors } = await layerwise("info --backend webgpu", { env: none });
    expect([code, output]).toEqual([1, ""]);
    // Dawn itself prints warnings before.
    expect(errors.trim().split("\n").at(-1)).toMatch(/^layerwise: webgpu: .*Install a Vulkan/);
    expect((await layerwise("info", { env: none })).output).toMatch(/^cpu: layerwise-cpu/);
  },
  60_000,
);

const out = `-o out.safetensors ${small}`;
const failures: [args: string, message: string][] = [
  ["", "Usage: layerwise"],
  ["pretrian images", "error: unknown command 'pretrian'"],
  ["pretrain images", "error: required option '-o, --output <file>' not specified"],
  [`pretrain ${out}`, "error: missing required argument 'images'"],
  [
    "pretrain images -o out --epochs 0",
    "error: option '--epochs <count>' argument '0' is invalid. Expected a whole number >= 1.",
  ],
  [
    "pretrain images -o out --layers 8,,5",
    "error: option '--layers <sizes>' argument '8,,5' is invalid. Expected whole numbers >= 1 with commas, such as 300,300.",
  ],
  [
    "pretrain images -o out --corruption 1",
    "error: option '--corruption <fraction>' argument '1' is invalid. Expected a number in [0, 1).",
  ],
  [`pretrain none ${out}`, "layerwise: none: cannot be read: ENOENT"],
  [`pretrain text ${out}`, "layerwise: text: "],
  [`pretrain cut ${out}`, "layerwise: cut: expected 976 bytes"],
  [
    `pretrain labels ${out}`,
    "layerwise: labels: expected images, uint8 [count, height, width], found labels, uint8 [60]",
  ],
  [`pretrain empty ${out}`, "layerwise: empty: expected at least one example, found none"],
  [
    `pretrain images --limit 61 ${out}`,
    "layerwise: images: expected at least --limit 61 examples, found 60",
  ],
  [`pretrain images ${small} -o none/out`, "layerwise: none/out: cannot be written: ENOENT"],
  [`pretrain images ${small} -o sub`, "layerwise: sub: cannot be written: it is a folder"],
  [
    `pretrain images ${out} --learning-rate 1e39`,
    "layerwise: pre-training of layer 1/2, epoch 1: the loss is NaN",
  ],
  [
    `finetune images few-labels ${out}`,
    "layerwise: few-labels: expected 60 labels, one for each image of images, found 7",
  ],
  [
    `finetune images images ${out}`,
    "layerwise: images: expected labels, uint8 [count], found images, uint8 [60, 4, 4]",
  ],
  [
    `finetune images labels -o out ${cpu}`,
    "layerwise: finetune: expected --pretrained <file> or --layers <sizes>, found neither",
  ],
  [
    "finetune images labels -o out --pretrained foreign.safetensors",
    'layerwise: foreign.safetensors: expected a file of "layerwise pretrain", found weights of another program',
  ],
  [
    "finetune images labels -o out --pretrained images",
    "layerwise: images: expected a whole safetensors file",
  ],
  [
    `finetune images labels --pretrained given ${out}`.replace("8,5", "9,5"),
    "layerwise: --layers: expected layers that begin with 8,5 of given, got 9,5",
  ],
  [
    `finetune wide labels --pretrained given ${out}`,
    "layerwise: wide: expected images of 16 pixels, as given was trained on, found 8",
  ],
  [
    "evaluate given images labels",
    'layerwise: given: expected a file of "layerwise finetune", found pre',
  ],
];
test.for(skip ? [] : failures)(
  "error: layerwise %s",
  { timeout: 60_000 },
  async ([args, message]) => {
    if (args.includes("given")) await given();
    const before = readdirSync(folder).sort();
    const { code, output, errors } = await layerwise(args);
    // The last line: a training that diverges has told of its epochs before.
    const line = args === "" ? errors : errors.trim().split("\n").at(-1);
    expect(line?.startsWith(message), errors).toBe(true);
    expect([code, output]).toEqual([1, ""]);
    expect(errors).not.toMatch(/^ +at /m);
    expect(readdirSync(folder).sort()).toEqual(before);
  },
);

let made: Promise<Ended> | undefined;
/** A file `given` of pre-trained layers. */
const given = (): Promise<Ended> => {
  made ??= layerwise(`pretrain images -o given ${small}`);
  return made;
};

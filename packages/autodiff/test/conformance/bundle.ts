import { mkdtemp } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const { resolve } = createRequire(import.meta.url);

/** Bundles a worker, by default that of this folder, with tfjs-core's specs; returns the path of the file. */
export async function bundleSpecs(
  worker: URL = new URL("worker.ts", import.meta.url),
): Promise<string> {
  const outfile = join(await mkdtemp(join(tmpdir(), "layerwise-conformance-")), "specs.cjs");
  await build({
    entryPoints: [fileURLToPath(worker)],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    // The specs import ES modules by file; one tfjs-core only must come out, whoever imports it.
    mainFields: ["module", "main"],
    conditions: ["@layerwise/source"],
    // tfjs-core declares its spec files free of side effects, which would drop them all.
    ignoreAnnotations: true,
    alias: { "jasmine-core": dirname(resolve("jasmine-core/package.json")) },
    logLevel: "error",
    sourcemap: "inline",
  });
  return outfile;
}

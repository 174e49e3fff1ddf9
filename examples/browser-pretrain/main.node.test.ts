import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepared } from "@layerwise/runtimes";
import { chromium, type Page } from "playwright";
import { build, createServer, preview } from "vite";
import { afterAll, expect, test } from "vitest";

// Vite and the page's browser are started from Node. In Deno's suite there is nothing to add.
const { chromium: runtime, launch } = await prepared();
const skip = "Deno" in globalThis || ("cannotRun" in runtime && runtime.cannotRun);
const backend = "adapter" in runtime ? /^WebGPU: .+ \(.*browser\)$/ : /^CPU: layerwise-cpu /;
// A software driver takes half a minute on two idle cores, and a test shares them.
const timeout = 300_000;

const root = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), "layerwise-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Opens an address and reads the page after the last training; errors and warnings on the way count. */
async function visit(
  url: string | undefined,
  prepare: (page: Page) => Promise<unknown> = async () => {},
) {
  const browser = await chromium.launch(launch);
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    await prepare(page);
    await page.goto(url ?? "");
    await page.waitForFunction(
      () => /^(Done|\w*Error)/.test(document.querySelector("#status")?.textContent ?? ""),
      undefined,
      { timeout },
    );
    const text = (id: string): Promise<string | null> => page.locator(`#${id}`).textContent();
    const count = (selector: string): Promise<number> => page.locator(selector).count();
    // A picture that could not be decoded has no size.
    const shown = await page.locator("img").evaluateAll((images) =>
      Promise.all(
        images.map(async (image) => {
          await (image as HTMLImageElement).decode();
          return (image as HTMLImageElement).naturalWidth;
        }),
      ),
    );
    return {
      complaints,
      status: await text("status"),
      backend: await text("backend"),
      scratch: Number.parseFloat((await text("scratch")) ?? ""),
      pretrained: Number.parseFloat((await text("pretrained")) ?? ""),
      points: await count("#loss circle"),
      filters: await count("#filters img"),
      digits: await count("#reconstructions img"),
      shown,
    };
  } finally {
    await browser.close();
  }
}

function expectLearning(page: Awaited<ReturnType<typeof visit>>): void {
  expect(page).toMatchObject({ complaints: [], status: "Done" });
  // Ten classes: guessing is wrong in 90 % of the cases.
  expect(page.scratch).toBeLessThan(90);
  expect(page.pretrained).toBeLessThan(page.scratch);
  // 2 layers of 3 epochs, 64 units, 4 rows of 10 digits.
  expect(page).toMatchObject({ points: 6, filters: 64, digits: 40 });
  expect(page.shown).toEqual(Array(64 + 40).fill(28));
}

test.skipIf(skip)("the development server's page learns on WebGPU", { timeout }, async () => {
  // Without a cache, as on a first visit.
  const server = await createServer({ root, cacheDir: join(folder, "cache"), server: { port: 0 } });
  try {
    await server.listen();
    const page = await visit(server.resolvedUrls?.local[0]);
    expect(page.backend).toMatch(backend);
    expectLearning(page);
  } finally {
    await server.close();
  }
});

test.skipIf(skip)(
  "the built page learns on WebGPU and, where that is missing, on the CPU",
  { timeout },
  async () => {
    const outDir = join(folder, "dist");
    await build({ root, logLevel: "warn", build: { outDir } });
    const server = await preview({ root, build: { outDir }, preview: { port: 0 } });
    try {
      const url = server.resolvedUrls?.local[0];
      const gpu = await visit(url);
      expect(gpu.backend).toMatch(backend);
      expectLearning(gpu);
      const plain = await visit(url, (page) =>
        page.addInitScript(() =>
          Object.defineProperty(Navigator.prototype, "gpu", { value: undefined }),
        ),
      );
      expect(plain.backend).toMatch(
        /^CPU: layerwise-cpu \(webgpu: this runtime has no navigator\.gpu\./,
      );
      expectLearning(plain);
    } finally {
      await server.close();
    }
  },
);

// The oracle is the same graph on one thread: more threads must not change a bit.
import { expect, test } from "vitest";
import { Engine } from "../../src/engine/engine.ts";
import { large, run } from "./large.ts";

test("results are bitwise the same for any number of threads", { timeout: 120_000 }, async () => {
  const graph = large();
  const [wanted] = run(new Engine({ threads: 1 }), graph, 1) as [Uint8Array];
  for (const threads of [2, 3, 4]) {
    const engine = new Engine({ threads });
    await engine.pool.ready();
    if (engine.heap.shared) expect(engine.pool.threads).toBe(threads);
    for (const [i, got] of run(engine, graph, 100).entries()) {
      const same = got.length === wanted.length && got.every((byte, j) => byte === wanted[j]);
      expect(same, `run ${i} with ${threads} threads`).toBe(true);
    }
    engine.pool.dispose();
  }
});

test("memory that is not shared, as in pages that are not isolated, gives the same on one thread", () => {
  const graph = large();
  const engine = new Engine({ shared: false });
  expect(engine.pool.threads).toBe(1);
  expect(engine.pool.reason).toContain("not shared");
  const [wanted] = run(new Engine({ threads: 1 }), graph, 1);
  // More than the memory at the start: growth detaches all views.
  const blocks = Array.from({ length: 8 }, () => engine.allocate(2 ** 23));
  expect(run(engine, graph, 2)).toEqual([wanted, wanted]);
  for (const address of blocks) engine.free(address);
});

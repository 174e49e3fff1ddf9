// What the engine keeps when memory runs out at any of its requests. The oracle is the heap's account.
import { expect, test } from "vitest";
import { Engine } from "../../src/engine/engine.ts";
import { large, run } from "./large.ts";

test("a graph that gets no memory leaves none behind, and computes the same when there is some again", async () => {
  const engine = new Engine({ threads: 2 });
  await engine.pool.ready();
  const { heap, pool } = engine;
  const graph = large();
  const allocate = heap.allocate.bind(heap);
  let granted = Number.POSITIVE_INFINITY;
  heap.allocate = (bytes) => {
    if (granted-- <= 0) throw new Error("no memory left");
    return allocate(bytes);
  };
  const inputs = graph.inputs.map(() => engine.allocate(4 * 257 * 130));
  for (const address of inputs) heap.u8(address, 4 * 257 * 130).fill(0);
  const inUse = () => heap.bytesInUse - pool.scratchBytes;
  const before = inUse();
  const attempt = (requests: number): boolean => {
    granted = requests;
    try {
      const prepared = engine.prepare(graph, []);
      try {
        const outputs = prepared.run(inputs, [false, false, false]);
        for (const address of outputs) engine.free(address);
        return true;
      } finally {
        prepared.dispose();
      }
    } catch (error) {
      expect(`${error}`).toContain("no memory left");
      return false;
    } finally {
      engine.reset();
      granted = Number.POSITIVE_INFINITY;
    }
  };
  let requests = 0;
  for (; !attempt(requests); requests++) expect(inUse(), `after ${requests} requests`).toBe(before);
  expect(requests).toBeGreaterThan(graph.outputs.length);
  for (const address of inputs) engine.free(address);
  const [first, second] = run(engine, graph, 2);
  expect(first).toEqual(run(new Engine({ threads: 1 }), graph, 1)[0]);
  expect(second).toEqual(first);
  pool.dispose();
});

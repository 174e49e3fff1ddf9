import { afterEach, expect, test, vi } from "vitest";
import { macrotask } from "../src/macrotask.ts";

afterEach(() => vi.unstubAllGlobals());

test("timers get their turn between pauses", async () => {
  let fired = false;
  setTimeout(() => {
    fired = true;
  }, 0);
  // With microtasks alone this would never end.
  while (!fired) await macrotask();
});

test("without setImmediate, as in browsers: every pause closes its channel", async () => {
  const closed: boolean[] = [];
  class Recorded extends MessageChannel {
    constructor() {
      super();
      const at = closed.push(false) - 1;
      const close = this.port1.close.bind(this.port1);
      this.port1.close = () => {
        closed[at] = true;
        close();
      };
    }
  }
  vi.stubGlobal("setImmediate", undefined);
  vi.stubGlobal("MessageChannel", Recorded);
  for (let i = 0; i < 3; i++) await macrotask();
  expect(closed).toEqual([true, true, true]);
});

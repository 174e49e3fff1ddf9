import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { lowerings } from "../../src/trace/lower/index.ts";
import { convolutions } from "./cases/convolution.ts";
import { elementwise } from "./cases/elementwise.ts";
import { images } from "./cases/image.ts";
import { indexings } from "./cases/indexing.ts";
import { products } from "./cases/matmul.ts";
import { movements } from "./cases/movement.ts";
import { poolings } from "./cases/pooling.ts";
import { reductions } from "./cases/reduction.ts";
import { eager, expectClose, lowered } from "./oracle.ts";
import { NEVER_RUN, REQUIRED } from "./required.ts";

const cases = [
  convolutions,
  elementwise,
  images,
  indexings,
  movements,
  poolings,
  products,
  reductions,
].flat();

beforeAll(async () => {
  await tf.setBackend("cpu");
  await tf.ready();
});

test("every kernel that training needs has a lowering", () => {
  expect(REQUIRED.filter((kernel) => lowerings[kernel] === undefined)).toEqual([]);
});

test("every lowering is compared with tfjs's kernel in at least two cases", () => {
  const count = (kernel: string) => cases.filter((c) => c.kernel === kernel).length;
  const untested = Object.keys(lowerings).filter((kernel) => count(kernel) < 2);
  expect(untested.filter((kernel) => !NEVER_RUN.includes(kernel))).toEqual([]);
});

test("random kernels have no lowering: their numbers would be frozen into the graph", () => {
  expect(lowerings.Multinomial).toBeUndefined();
});

describe("equals tfjs's cpu kernel", () => {
  const names = [...new Set(cases.map(({ kernel }) => kernel))].sort();
  describe.each(names)("%s", (name) => {
    test.each(cases.filter(({ kernel }) => kernel === name))("$note", (given) => {
      expectClose(lowered(given), eager(given));
    });
  });
});

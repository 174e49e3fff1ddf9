import { mnist } from "@layerwise/data";
import { expect, test } from "vitest";

test("a browser without a source is told to give one", async () => {
  await expect(mnist()).rejects.toThrow("In a browser pass the base URL of the four files");
});

test("a URL is fetched, and a failure names it", async () => {
  await expect(mnist({ source: "/no-such-folder" })).rejects.toThrow(
    /(train|t10k)-(images-idx3|labels-idx1)-ubyte: /,
  );
});

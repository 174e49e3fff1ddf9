import * as fc from "fast-check";
import { expect, test } from "vitest";
import { base64 } from "../src/base64.ts";

// Oracle: RFC 4648, section 10.
test.for([
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg=="],
  ["fooba", "Zm9vYmE="],
  ["foobar", "Zm9vYmFy"],
] as const)('base64("%s") is "%s"', ([text, encoded]) => {
  expect(base64(new TextEncoder().encode(text))).toBe(encoded);
});

test("equals the runtime's btoa", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      expect(base64(bytes)).toBe(btoa(String.fromCharCode(...bytes)));
    }),
  );
});

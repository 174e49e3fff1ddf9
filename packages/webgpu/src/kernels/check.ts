import { type TensorInfo, util } from "@tensorflow/tfjs-core";

/** Throws unless all inputs are int32 tensors of the first one's shape. */
export const assertSameInt32 = (kernel: string, inputs: { [name: string]: TensorInfo }): void => {
  const [first] = Object.values(inputs);
  for (const [name, { dtype, shape }] of Object.entries(inputs)) {
    if (dtype !== "int32")
      throw new Error(`${kernel}: expected ${name} of dtype int32, got ${dtype}`);
    if (first !== undefined && !util.arraysEqual(shape, first.shape)) {
      throw new Error(
        `${kernel}: expected ${name} of shape [${first.shape.join(", ")}], got [${shape.join(", ")}]`,
      );
    }
  }
};

/** Returns the entry of a table, or throws an error that lists its keys. */
export const lookUp = (
  kernel: string,
  what: string,
  table: Record<string, string>,
  key: unknown,
): string => {
  const entry = Object.hasOwn(table, String(key)) ? table[String(key)] : undefined;
  if (entry === undefined) {
    throw new Error(
      `${kernel}: expected ${what} one of ${Object.keys(table).join(", ")}, got ${key}`,
    );
  }
  return entry;
};

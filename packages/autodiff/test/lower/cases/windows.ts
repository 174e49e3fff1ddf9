/** Ways to pad a window. */
export const pads = ["valid", "same", 1] as const;
/** Pads of an image with channels last. */
export const explicit = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

/** How many windows fit. */
export const outSize = (
  size: number,
  window: number,
  pad: string | number,
  stride: number,
): number => {
  if (pad === "same") return Math.ceil(size / stride);
  const total = typeof pad === "number" ? 2 * pad : 0;
  return Math.floor((size + total - window) / stride) + 1;
};

// Shapes without batch axis, and what layers for them refuse.

export const sequence = [6, 2] as const;
export const image = [5, 4, 2] as const;
export const notSequences = {
  refuses: [
    [3, 6],
    [3, 6, 2, 1],
  ],
  refusesShapes: [[6], [6, 2, 1]],
} as const;
export const notImages = {
  refuses: [
    [3, 5, 4],
    [3, 5, 4, 2, 1],
  ],
  refusesShapes: [
    [5, 4],
    [5, 4, 2, 1],
  ],
} as const;
/** Those, and another number of channels. */
export const notThese = { ...notImages, refuses: [...notImages.refuses, [3, 5, 4, 3]] } as const;
export const notThose = { ...notSequences, refuses: [...notSequences.refuses, [3, 6, 3]] } as const;
export const vectors = {
  inputShape: [3],
  refuses: [[2, 4], [3]],
  refusesShapes: [[], [0]],
} as const;

export { type AnnotatedGraph, type Annotation, annotate } from "./annotate.ts";
export { toDot } from "./dot.ts";
export type { DrawOptions } from "./drawing.ts";
export { toSvg } from "./svg.ts";
export { toText } from "./text.ts";

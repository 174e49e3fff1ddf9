export { type AlternatingSamState, alternatingSam } from "./alternating-sam.ts";
export type { SamOptions } from "./ascent.ts";
export {
  type LookaheadOptions,
  type LookaheadState,
  lookahead,
  lookaheadSlowParams,
} from "./lookahead.ts";
export { sam } from "./sam.ts";

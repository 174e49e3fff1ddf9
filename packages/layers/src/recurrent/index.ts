export {
  type BidirectionalOptions,
  type BidirectionalParams,
  bidirectional,
} from "./bidirectional.ts";
export type { Cell, CellOptions, CellParams } from "./cell.ts";
export { type GruCellOptions, type GruParams, gruCell } from "./gru-cell.ts";
export { type LstmCarry, lstmCell } from "./lstm-cell.ts";
export { type RecurrentOptions, recurrent } from "./recurrent.ts";
export { type RnnCellOptions, rnnCell } from "./rnn-cell.ts";
export { type Unrolled, type UnrollOptions, unroll } from "./unroll.ts";

import type { OpName } from "../../ir/types.ts";
import { printControl } from "./control.ts";
import { printElementwise } from "./elementwise.ts";
import { printIndexing } from "./indexing.ts";
import { printMovement } from "./movement.ts";
import { printReduction } from "./reduction.ts";
import type { Printer } from "./scope.ts";
import { printThreefry } from "./threefry.ts";
import { printWindow } from "./window.ts";

/** The text of every operation. */
export const printers: { readonly [K in OpName]: Printer<K> } = {
  ...printElementwise,
  ...printMovement,
  ...printReduction,
  ...printWindow,
  ...printIndexing,
  ...printControl,
  threefry2x32: printThreefry,
};

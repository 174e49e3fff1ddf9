import type { Row } from "../support/row.ts";
import { rows as adam } from "./adam.ts";
import { rows as adaptive } from "./adaptive.ts";
import { rows as curvature } from "./curvature.ts";
import { rows as dualAveraging } from "./dual-averaging.ts";
import { rows as layerwise } from "./layerwise.ts";
import { rows as lineSearch } from "./line-search.ts";
import { rows as lookahead } from "./lookahead.ts";
import { rows as memory } from "./memory.ts";
import { rows as momentum } from "./momentum.ts";
import { rows as parameterFree } from "./parameter-free.ts";
import { rows as preconditioned } from "./preconditioned.ts";
import { rows as scheduleFree } from "./schedule-free.ts";
import { rows as sign } from "./sign.ts";
import { rows as wrappers } from "./wrappers.ts";

/** Every optimizer there is. */
export const rows: readonly Row[] = [
  ...adam,
  ...adaptive,
  ...curvature,
  ...dualAveraging,
  ...layerwise,
  ...lineSearch,
  ...lookahead,
  ...memory,
  ...momentum,
  ...parameterFree,
  ...preconditioned,
  ...scheduleFree,
  ...sign,
  ...wrappers,
];

import type { Row } from "../support/row.ts";

export const rows: readonly Row[] = [];

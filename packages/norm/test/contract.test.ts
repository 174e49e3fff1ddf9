import { layerContract } from "./support/contract.ts";
import { rows } from "./support/rows.ts";

for (const row of rows) layerContract(row);

import { layerRows, spatialRows } from "./rows/index.ts";
import { layerContract } from "./support/contract.ts";
import "./setup.ts";

for (const row of [...layerRows, ...spatialRows]) layerContract(row);

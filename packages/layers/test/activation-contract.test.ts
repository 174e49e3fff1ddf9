import { activationRows } from "./rows/activations.ts";
import { layerContract } from "./support/contract.ts";

for (const row of activationRows) layerContract(row);

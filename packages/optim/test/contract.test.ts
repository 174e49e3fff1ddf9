import { rows } from "./rows/index.ts";
import { optimizerContract } from "./support/contract.ts";
import "./setup.ts";

for (const row of rows) optimizerContract(row);

import "./setup.ts";
import { contract } from "./support/contract.ts";
import { rows } from "./support/rows.ts";

for (const [name, row] of Object.entries(rows)) contract(name, row);

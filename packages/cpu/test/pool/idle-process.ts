// Run by exit.node.test.ts: a process that has a pool and nothing more to do.
import process from "node:process";
import { Heap } from "../../src/memory/heap.ts";
import { Pool } from "../../src/pool/pool.ts";

const pool = new Pool(new Heap(), { threads: 3 });
await pool.ready();
process.stdout.write(`threads ${pool.threads}`);

// `npm start` and `npm test` for a machine that has only Node and npm: install if needed, then do the work under the
// repository's own Node. Further arguments go to the program: `npm start -- --epochs 2`.
import { join } from "node:path";
import process from "node:process";
import { bootstrap, root, run } from "./bootstrap.mjs";

const [command, ...args] = process.argv.slice(2);
bootstrap();
// Ctrl-C goes to the program as well, which ends in its own time: with a report.
process.on("SIGINT", () => {});
if (command === "start") {
  const options = ["--conditions=@layerwise/source", "main.ts", ...args];
  process.exit(run("node", options, { cwd: join(root, "examples/node-mnist") }));
}
if (command === "test") process.exit(run("node", ["scripts/test.ts", ...args]));
console.error("usage: node scripts/run.mjs start|test [arguments]");
process.exit(2);

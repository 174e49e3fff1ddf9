import { library } from "@layerwise/config/tsup";

export default library(["src/index.ts", "src/bin.ts"]);

import { library } from "@layerwise/config/vitest";

// One project per runtime for the whole repository: one Chromium, one Vite server, one report.
export default library("{packages/*/test,examples/*}");

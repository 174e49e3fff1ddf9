import { library } from "@layerwise/config/vitest";

export default library();

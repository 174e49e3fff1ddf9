import { library } from "@layerwise/config/tsup";

export default library();

// `import "@layerwise/cpu/register"` makes the backend "layerwise-cpu" known to tfjs, nothing else.
import { register } from "./start.ts";

register();

import "@tensorflow/tfjs-backend-wasm";
import { testRandomGraphs } from "./fuzz.ts";

testRandomGraphs("wasm", 200);

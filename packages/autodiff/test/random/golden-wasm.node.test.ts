import "@tensorflow/tfjs-backend-wasm";
import { testSamplers } from "./suite.ts";

testSamplers("wasm");

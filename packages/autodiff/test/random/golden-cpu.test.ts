import "@tensorflow/tfjs-backend-cpu";
import { testSamplers } from "./suite.ts";

testSamplers("cpu");

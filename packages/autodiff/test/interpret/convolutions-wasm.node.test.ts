import "@tensorflow/tfjs-backend-wasm";
import { testConvolutions } from "./convolutions.ts";

testConvolutions("wasm", 150);
